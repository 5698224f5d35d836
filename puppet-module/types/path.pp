# An absolute path that can stand in a configuration file.
type Troupe::Path = Pattern[/\A\/[^\n\r\0]*\z/]
