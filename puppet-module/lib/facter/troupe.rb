# frozen_string_literal: true

# What the class troupe needs to know of a node: where its Puppet keeps certificate and classes, and, on the master, when the
# credentials were last changed. Nothing of what is in any of these files.
Facter.add(:troupe) do
  confine kernel: 'Linux'
  setcode do
    facts = {}
    if defined?(Puppet) && Puppet.respond_to?(:settings) && Puppet.settings.global_defaults_initialized?
      facts['puppet'] = {
        'authority'   => Puppet[:localcacert],
        'certificate' => Puppet[:hostcert],
        'key'         => Puppet[:hostprivkey],
        'classes'     => Puppet[:classfile],
      }
    end
    directory = '/etc/puppetlabs/mcollective'
    # The master alone has these passwords.
    if File.exist?("#{directory}/broker-passwords")
      changed = %w[credentials aes/group.key].map { |name| "#{directory}/#{name}" }.select { |file| File.exist?(file) }
      times = changed.map { |file| File.mtime(file).utc.strftime('%Y-%m-%dT%H:%M:%SZ') }
      facts['credentials_changed'] = times.max unless times.empty?
    end
    facts
  end
end
