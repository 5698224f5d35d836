# A host, perhaps with a port: `puppetmaster.example.com`, `192.0.2.7:61614`.
type Troupe::Broker = Pattern[/\A[A-Za-z\d]([A-Za-z\d.-]*[A-Za-z\d])?(:\d{1,5})?\z/]
