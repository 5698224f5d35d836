# A copy of a file of this machine, as long as that is there.
#
# Puppet's own file resource would tell a checksum of it in the report, and of a password that somebody thought up a checksum is enough to
# find it.
#
# @api private
define troupe::copy (
  Troupe::Path $source,
  String[1] $group,
  Troupe::Path $target = $title,
) {
  $same = "cmp -s '${source}' '${target}' && test \"$(stat -c '%U %G %a' '${target}')\" = 'root ${group} 640'"
  exec { "troupe: ${target}":
    command  => "if test -e '${source}'; then install -o root -g '${group}' -m 0640 '${source}' '${target}.new' && mv -f '${target}.new' '${target}'; else rm -f '${target}'; fi",
    unless   => "if test -e '${source}'; then ${same}; else test ! -e '${target}'; fi",
    provider => shell,
    path     => ['/usr/sbin', '/usr/bin', '/sbin', '/bin'],
  }
}
