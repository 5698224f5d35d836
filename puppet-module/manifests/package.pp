# The package, with the programs and the Node they run on.
#
# @api private
class troupe::package {
  if $troupe::manage_package {
    package { $troupe::package_name:
      ensure   => $troupe::package_ensure,
      source   => $troupe::package_source,
      provider => $troupe::package_provider,
    }
  }
}
