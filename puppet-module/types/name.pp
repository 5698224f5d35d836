# A name of a collective.
type Troupe::Name = Pattern[/\A[\w.-]+\z/]
