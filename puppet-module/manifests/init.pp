# A node of the collective: package, server.cfg, credentials, certificates, service.
#
# The credentials are what `mco setup master` made on the Puppet master and the master's own Puppet run (class troupe::master) laid out for
# distribution; editing them there and running Puppet on the master and then on the nodes changes them everywhere. The change shows in
# the report of each run as a change of server.cfg, which names the time of the credentials; what they are shows nowhere.
#
# @example Everywhere
#   include troupe
#
# @example The broker is elsewhere, and this site does without registration
#   class { 'troupe':
#     brokers           => ['stomp1.example.com', 'stomp2.example.com'],
#     register_interval => 0,
#   }
#
# @param master Certificate name of the Puppet master, which keeps the credentials.
# @param brokers Hosts of the brokers, with a port where it is not `port`, in order of preference.
# @param port Port of the brokers.
# @param login How nodes log in at the broker: with Puppet's certificate, or with the password of the account `node`.
# @param security Scheme that messages are made with.
# @param collectives Collectives the node is part of; the first is its main one.
# @param roster Whether the node keeps the roster.
# @param register_interval Seconds between registrations; 0: none.
# @param audit_log Whether requests are written to the audit log.
# @param libdirs Directories with plugins of the site.
# @param settings More lines for server.cfg, or other values for those that are there; see docs/reference/settings.md.
# @param credentials Text of the credentials file, for sites with several Puppet masters; default: the master's file.
# @param previous_credentials Text of the file with the former credentials, if `credentials` is given and a grace period runs.
# @param manage_package Whether the package is installed.
# @param package_ensure `installed`, `latest` or a version.
# @param package_name Name of the package.
# @param package_source A package file on the node, where no repository has it.
# @param package_provider Provider of the package, e.g. `dpkg` or `rpm` for a file.
# @param manage_service Whether the service is looked after.
# @param service_ensure `running` or `stopped`.
# @param service_enable Whether it is started with the machine.
# @param directory Where configuration and credentials are, on nodes and master alike.
# @param state_directory What must outlive the daemon.
# @param log_directory Logs.
class troupe (
  String[1] $master = $server_facts['servername'],
  Array[Troupe::Broker, 1] $brokers = [$master],
  Integer[1, 65535] $port = 61613,
  Enum['certificate', 'password'] $login = 'certificate',
  Enum['psk', 'aes'] $security = 'psk',
  Array[Troupe::Name, 1] $collectives = ['mcollective'],
  Boolean $roster = $trusted['certname'] == $master,
  Integer[0] $register_interval = 300,
  Boolean $audit_log = true,
  Array[Troupe::Path, 1] $libdirs = ['/usr/local/share/mcollective', '/usr/share/mcollective'],
  Troupe::Settings $settings = {},
  Optional[Variant[String[1], Sensitive[String[1]]]] $credentials = undef,
  Optional[Variant[String[1], Sensitive[String[1]]]] $previous_credentials = undef,
  Boolean $manage_package = true,
  String[1] $package_ensure = 'installed',
  String[1] $package_name = 'troupe',
  Optional[String[1]] $package_source = undef,
  Optional[String[1]] $package_provider = undef,
  Boolean $manage_service = true,
  Enum['running', 'stopped'] $service_ensure = 'running',
  Boolean $service_enable = true,
  Troupe::Path $directory = '/etc/puppetlabs/mcollective',
  Troupe::Path $state_directory = '/var/lib/mcollective',
  Troupe::Path $log_directory = '/var/log/puppetlabs/mcollective',
) {
  contain troupe::package
  contain troupe::config
  contain troupe::service

  Class['troupe::package'] -> Class['troupe::config'] ~> Class['troupe::service']
}
