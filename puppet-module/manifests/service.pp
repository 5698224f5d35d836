# The daemon.
#
# @api private
class troupe::service {
  if $troupe::manage_service {
    service { 'mcollective':
      ensure     => $troupe::service_ensure,
      enable     => $troupe::service_enable,
      hasstatus  => true,
      hasrestart => true,
    }
  }
}
