# What stands in a file on the Puppet master; nothing when there is none.
#
# A file that Puppet's account there may not read ends the compilation with the file's name.
function troupe::read(Troupe::Path $path) >> String {
  file($path, '/dev/null')
}
