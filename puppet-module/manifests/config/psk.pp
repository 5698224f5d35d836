# The credentials on a node, and the former ones as long as they are good.
#
# Both are marked as sensitive: reports and logs name the file and that it changed. Puppet's own catalog, in the node's state directory, holds
# what the node holds anyway, and is as private.
#
# @api private
class troupe::config::psk {
  $distributed = "${troupe::directory}/distributed"
  $credentials = troupe::plain($troupe::credentials, "${distributed}/credentials")
  $previous = troupe::plain($troupe::previous_credentials, "${distributed}/credentials.previous")
  if $credentials =~ /\A\s*\z/ {
    fail("troupe: there are no credentials in ${distributed}: run Puppet on ${troupe::master} first, with the class troupe::master")
  }

  $previous_ensure = troupe::in_force($previous) ? {
    true    => file,
    default => absent,
  }
  file {
    default:
      owner     => 'root',
      group     => 'root',
      mode      => '0600',
      show_diff => false,
      # No copy of what was there before.
      backup    => false,
      ;
    # First, so that a daemon that looks in between finds the former password rather than none.
    "${troupe::directory}/credentials.previous":
      ensure  => $previous_ensure,
      content => Sensitive($previous),
      before  => File["${troupe::directory}/credentials"],
      ;
    "${troupe::directory}/credentials":
      ensure  => file,
      content => Sensitive($credentials),
      ;
  }
}
