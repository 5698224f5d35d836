# The text given, or what stands in a file on the Puppet master.
function troupe::plain(Optional[Variant[String, Sensitive[String]]] $given, Troupe::Path $path) >> String {
  $given ? {
    undef     => troupe::read($path),
    Sensitive => $given.unwrap,
    default   => $given,
  }
}
