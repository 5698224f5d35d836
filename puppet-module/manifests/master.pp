# The master of a collective, on the Puppet master: what `mco setup master` makes (password, accounts, account peadmin), the broker, and the
# credentials laid out for Puppet to distribute.
#
# The credentials stay root's alone. This class keeps a copy of them in the directory `distributed`, which Puppet's account on the master may
# read; nodes are given what was there when their catalog was compiled. So a change takes effect with the master's own run, and
# then, node by node, with theirs.
#
# @example
#   include troupe::master
#
# @param operator Account that may use mco, made when it is not there.
# @param operator_home Where the operator's ~/.mcollective is; default: the account's home.
# @param names Further names of the broker, for a certificate authority of its own (`troupe::login: password`).
# @param puppet_group Group of Puppet's account on the master.
# @param aes_nodes Nodes to make keys for, with the scheme aes; others join with `mco setup token` and bring their own.
# @param manage_service Whether the broker's service is looked after.
class troupe::master (
  Pattern[/\A[a-z_][a-z\d_-]*\z/] $operator = 'peadmin',
  Optional[Troupe::Path] $operator_home = undef,
  Array[Pattern[/\A[\w.:-]+\z/]] $names = [],
  Pattern[/\A[\w-]+\z/] $puppet_group = $settings::group,
  Array[Troupe::Name] $aes_nodes = [],
  Boolean $manage_service = true,
) {
  contain troupe

  if $trusted['certname'] != $troupe::master {
    fail("troupe: class troupe::master belongs on ${troupe::master} (parameter master of the class troupe), this is ${trusted['certname']}")
  }

  $directory = $troupe::directory
  $distributed = "${directory}/distributed"
  $path = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin', '/opt/puppetlabs/bin']
  $by_certificate = $troupe::login == 'certificate'

  $certificates = $by_certificate ? { true => ['--puppet-certificates'], default => [] }
  $home = $operator_home ? { undef => [], default => ['--home', $operator_home] }
  $further = $names.empty ? { true => [], default => ['--names', $names.join(',')] }
  $words = ['mco', 'setup', 'master', '--port', sprintf('%d', $troupe::port), '--collectives', $troupe::collectives.join(',')]
    + ['--security', $troupe::security, '--account', $operator, '--directory', $directory]
    + ['--state-directory', $troupe::state_directory] + $home + $certificates + $further
  $command = $words.map |$word| { "'${word}'" }.join(' ')

  # What must be so for there to be nothing to do: made with these options, with Puppet's present certificates, the operator's copies are
  # those of the present credentials. Without Puppet's certificates, also when the broker's own nears its end.
  $operator_directory = $operator_home ? {
    undef   => "$(getent passwd '${operator}' | cut -d: -f6)/.mcollective.d",
    default => "${operator_home}/.mcollective.d",
  }
  $copied = ['credentials', 'credentials.previous'].map |$name| {
    "{ if test -e '${directory}/${name}'; then cmp -s '${directory}/${name}' \"\$copies/${name}\"; else test ! -e \"\$copies/${name}\"; fi; }"
  }
  $current = $by_certificate ? {
    true    => $troupe::config::puppet.filter |$name, $file| { $name != 'classes' }.map |$name, $file| {
      $copy = { 'authority' => 'ca.pem', 'certificate' => 'cert.pem', 'key' => 'key.pem' }
      "cmp -s '${file}' '${directory}/ssl/${copy[$name]}'"
    },
    default => ["test -n \"\$(find '${directory}/ssl/cert.pem' -mtime -797)\""],
  }
  $stamp = "${directory}/.made-by-puppet"
  $made = ["copies=${operator_directory}", "test \"\$(cat '${stamp}')\" = \"${command}\""] + $current + $copied

  exec { 'troupe: mco setup master':
    command     => "${command} && echo \"${command}\" > '${stamp}'",
    unless      => $made.join(' && '),
    environment => ['HOME=/root'],
    provider    => shell,
    path        => $path,
    timeout     => 120,
    require     => [Class['troupe::package'], File[$directory]],
  }
  Exec['troupe: mco setup master'] -> Class['troupe::service']

  $folders = $troupe::security ? {
    'aes'   => [$distributed, "${distributed}/aes", "${distributed}/aes/nodes", "${distributed}/aes/certificates"],
    default => [$distributed],
  }
  file { $folders:
    ensure  => directory,
    owner   => 'root',
    group   => $puppet_group,
    mode    => '0750',
    require => File[$directory],
  }
  $keys = $troupe::security ? {
    'psk'   => ['credentials', 'credentials.previous'],
    default => ['aes/authority.pem', 'aes/group.key', 'aes/revoked'],
  }
  $keys.each |$name| {
    troupe::copy { "${distributed}/${name}":
      source  => "${directory}/${name}",
      group   => $puppet_group,
      require => [Exec['troupe: mco setup master'], File[$folders]],
    }
  }
  unless $by_certificate {
    troupe::copy { "${distributed}/ca.pem":
      source  => "${directory}/ssl/ca.pem",
      group   => $puppet_group,
      require => [Exec['troupe: mco setup master'], File[$distributed]],
    }
    $password = "sed -n 's/^node *= *//p' '${directory}/broker-passwords'"
    exec { "troupe: ${distributed}/broker-password":
      command  => "umask 027; ${password} > '${distributed}/broker-password.new' && chgrp '${puppet_group}' '${distributed}/broker-password.new' && mv -f '${distributed}/broker-password.new' '${distributed}/broker-password'",
      unless   => "${password} | cmp -s - '${distributed}/broker-password'",
      provider => shell,
      path     => $path,
      require  => [Exec['troupe: mco setup master'], File[$distributed]],
    }
  }

  # The time of the credentials is what server.cfg of every node shows of them.
  $time = "date -u -r \"\$(ls -t '${directory}/credentials' '${directory}/aes/group.key' 2> /dev/null | head -n 1)\" +%Y-%m-%dT%H:%M:%SZ"
  exec { "troupe: ${distributed}/changed":
    command  => "umask 022; ${time} > '${distributed}/changed'",
    unless   => "test \"\$(${time})\" = \"\$(cat '${distributed}/changed')\"",
    provider => shell,
    path     => $path,
    require  => [Exec['troupe: mco setup master'], File[$distributed]],
  }

  if $troupe::security == 'aes' {
    $aes_nodes.each |$node| {
      troupe::aes_keys { $node:
        group   => $puppet_group,
        require => [Exec['troupe: mco setup master'], File["${distributed}/aes/nodes", "${distributed}/aes/certificates"]],
      }
    }
  }

  if $manage_service {
    # The broker reads its configuration and certificates once.
    $sums = "${directory}/.broker-started-with"
    exec { 'troupe: configuration of the broker':
      command  => "umask 077; sha256sum '${directory}/broker.cfg' '${directory}'/ssl/*.pem > '${sums}'",
      unless   => "sha256sum --check --status '${sums}'",
      provider => shell,
      path     => $path,
      require  => Exec['troupe: mco setup master'],
      notify   => Service['troupe-broker'],
    }
    service { 'troupe-broker':
      ensure     => running,
      enable     => true,
      hasstatus  => true,
      hasrestart => true,
      require    => Exec['troupe: mco setup master'],
      before     => Class['troupe::service'],
    }
  }
}
