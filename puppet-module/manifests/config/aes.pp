# Keys for the scheme aes: the authority's public key, the key of the group, what is revoked, and the node's own keys and certificate if the
# master made them (parameter aes_nodes of troupe::master). A node that joined by `mco setup node` has keys of its own and keeps them.
#
# @api private
class troupe::config::aes {
  $aes = "${troupe::directory}/aes"
  $distributed = "${troupe::directory}/distributed/aes"
  # Of the certificate that Puppet has verified: no node gets another's keys.
  $certname = $trusted['certname']
  $certificate = troupe::read("${distributed}/certificates/${certname}.pem")
  $key = troupe::read("${distributed}/nodes/${certname}.key")
  file {
    default:
      ensure    => file,
      owner     => 'root',
      group     => 'root',
      mode      => '0600',
      show_diff => false,
      backup    => false,
      ;
    $aes:
      ensure => directory,
      mode   => '0700',
      ;
    "${aes}/authority.pem":
      content => troupe::read("${distributed}/authority.pem"),
      ;
    "${aes}/revoked":
      content => troupe::read("${distributed}/revoked"),
      ;
    "${aes}/group.key":
      content => Sensitive(troupe::read("${distributed}/group.key")),
      ;
  }
  unless $key.empty {
    file {
      default:
        ensure    => file,
        owner     => 'root',
        group     => 'root',
        mode      => '0600',
        show_diff => false,
        backup    => false,
        ;
      "${aes}/node.key":
        content => Sensitive($key),
        ;
      "${aes}/node.pem":
        content => $certificate,
        ;
    }
  }
}
