# Whether a former password is still good: its file has a line `until = 2026-12-01T00:00:00Z` that lies in the future.
#
# A time in another zone is left to the nodes to judge.
function troupe::in_force(String $text) >> Boolean {
  if $text =~ /(?m)^\s*until\s*=\s*(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|\S*)\s*$/ {
    $3 ? {
      'Z'     => Timestamp.new($1, '%FT%T') > Timestamp.new(),
      default => true,
    }
  } else {
    false
  }
}
