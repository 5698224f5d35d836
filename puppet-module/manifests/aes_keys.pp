# Keys of a node for the scheme aes, made on the master and laid out for Puppet to distribute.
#
# @api private
define troupe::aes_keys (
  String[1] $group,
) {
  $aes = "${troupe::directory}/distributed/aes"
  $made = "${troupe::directory}/.aes-keys"
  exec { "troupe: aes keys of ${title}":
    command  => "rm -rf '${made}' && mco setup keys --node '${title}' --output '${made}' --directory '${troupe::directory}' && install -o root -g '${group}' -m 0640 '${made}/node.pem' '${aes}/certificates/${title}.pem' && install -o root -g '${group}' -m 0640 '${made}/node.key' '${aes}/nodes/${title}.key' && rm -rf '${made}'",
    creates  => "${aes}/nodes/${title}.key",
    provider => shell,
    path     => ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'],
  }
}
