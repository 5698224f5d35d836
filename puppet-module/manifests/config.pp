# Configuration, credentials and keys of a node.
#
# @api private
class troupe::config {
  $directory = $troupe::directory
  $distributed = "${directory}/distributed"
  $certname = $trusted['certname']
  $on_master = $certname == $troupe::master

  file {
    default:
      ensure => directory,
      owner  => 'root',
      group  => 'root',
      mode   => '0755',
      ;
    # Folders above it are made when there are none, and otherwise somebody else's.
    [$directory, $troupe::state_directory, $troupe::log_directory]:
      ;
  }

  # The master's own keys are where `mco setup master` made them.
  unless $on_master {
    contain "troupe::config::${troupe::security}"
  }

  $puppet = $facts.dig('troupe', 'puppet') ? {
    undef   => {
      'authority'   => "${settings::ssldir}/certs/ca.pem",
      'certificate' => "${settings::ssldir}/certs/${certname}.pem",
      'key'         => "${settings::ssldir}/private_keys/${certname}.pem",
    },
    default => $facts['troupe']['puppet'],
  }
  $password = $troupe::login ? {
    'password' => troupe::read("${distributed}/broker-password").regsubst('\s', '', 'G'),
    default    => '',
  }
  $login = $troupe::login ? {
    'certificate' => {
      'ssl.ca'   => $puppet['authority'],
      'ssl.cert' => $puppet['certificate'],
      'ssl.key'  => $puppet['key'],
    },
    default       => { 'password' => $password, 'ssl.ca' => "${directory}/ssl/ca.pem" },
  }
  $pool = $troupe::brokers.map |$index, $broker| {
    $at = "plugin.activemq.pool.${$index + 1}"
    $parts = $broker.split(':')
    $port = $parts[1] ? {
      undef   => $troupe::port,
      default => $parts[1],
    }
    $where = { "${at}.host" => $parts[0], "${at}.port" => $port, "${at}.user" => 'node', "${at}.ssl" => 1 }
    $where + $login.reduce({}) |$all, $entry| { $all + { "${at}.${entry[0]}" => $entry[1] } }
  }
  $aes = "${directory}/aes"
  $own = $on_master ? {
    true    => { 'key' => "${aes}/nodes/${certname}.key", 'certificate' => "${aes}/certificates/${certname}.pem" },
    default => { 'key' => "${aes}/node.key", 'certificate' => "${aes}/node.pem" },
  }
  $security = $troupe::security ? {
    'psk'   => {
      'securityprovider'         => 'psk',
      'plugin.psk.file'          => "${directory}/credentials",
      'plugin.psk.previous_file' => "${directory}/credentials.previous",
    },
    default => {
      'securityprovider'       => 'aes',
      'plugin.aes.key'         => $own['key'],
      'plugin.aes.certificate' => $own['certificate'],
      'plugin.aes.authority'   => "${aes}/authority.pem",
      'plugin.aes.group'       => "${aes}/group.key",
      'plugin.aes.revoked'     => "${aes}/revoked",
    },
  }
  $classes = $puppet['classes'] ? {
    undef   => {},
    default => { 'classesfile' => $puppet['classes'] },
  }
  $all = {
    'identity'        => $certname,
    'collectives'     => $troupe::collectives.join(','),
    'main_collective' => $troupe::collectives[0],
    'connector'       => 'activemq',
  } + $pool.reduce({}) |$all, $one| { $all + $one } + {
    'plugin.activemq.max_reconnect_delay' => 5,
  } + $security + {
    'libdir'                  => $troupe::libdirs.join(':'),
    'statedir'                => $troupe::state_directory,
    'rosterfile'              => "${troupe::state_directory}/roster.json",
    'roster'                  => $troupe::roster,
    'registerinterval'        => $troupe::register_interval,
  } + $classes + {
    'rpcaudit'                => $troupe::audit_log,
    'plugin.rpcaudit.logfile' => "${troupe::log_directory}/mcollective-audit.log",
    'logger_type'             => 'file',
    'logfile'                 => "${troupe::log_directory}/mcollective.log",
  } + $troupe::settings

  $changed = $on_master ? {
    true    => $facts.dig('troupe', 'credentials_changed'),
    default => troupe::read("${distributed}/changed").regsubst('\s', '', 'G'),
  }
  $text = epp('troupe/server.cfg.epp', {
    'changed'  => $changed ? { undef => '', default => $changed },
    'settings' => $all,
  })

  $content = $troupe::login ? {
    'certificate' => $text,
    default       => Sensitive($text),
  }

  # Until the master's first run has laid the password out, the file that `mco setup master` wrote stands.
  if $troupe::login == 'certificate' or !$password.empty {
    file { "${directory}/server.cfg":
      ensure    => file,
      owner     => 'root',
      group     => 'root',
      mode      => '0600',
      content   => $content,
      show_diff => false,
      backup    => false,
    }
  } elsif !$on_master {
    fail("troupe: the password of the broker's account node is not in ${distributed}: run Puppet on ${troupe::master} first")
  }
  if $troupe::login == 'password' and !$on_master {
    file {
      "${directory}/ssl":
        ensure => directory,
        owner  => 'root',
        group  => 'root',
        mode   => '0755',
        ;
      "${directory}/ssl/ca.pem":
        ensure  => file,
        owner   => 'root',
        group   => 'root',
        mode    => '0644',
        content => troupe::read("${distributed}/ca.pem"),
        ;
    }
  }
}
