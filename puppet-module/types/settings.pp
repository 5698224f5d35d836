# Lines of a configuration file, by their keys.
type Troupe::Settings = Hash[Pattern[/\A[\w.-]+\z/], Variant[Pattern[/\A[^\n\r\0]*\z/], Integer, Float, Boolean]]
