# Keeps Puppet loaded and answers questions about resources: find, search, create, types. Started and watched by ral-worker.ts, spoken to in
# frames on standard input and output: four bytes with the length, highest first, then JSON. Nothing else ever gets onto that channel: it is
# moved away from standard output before Puppet is loaded. Nothing of a request is evaluated or reaches a shell, but for what an exec
# resource is told to run. The Puppet agent's own summary, report and state are never touched.
# Written for Ruby 2.4 (Puppet 5) and later. [agents 9, 9.1, A7]

channel_in = STDIN.dup
channel_out = STDOUT.dup
STDIN.reopen(File::NULL)
STDOUT.reopen(STDERR)
[channel_in, channel_out].each(&:binmode)
Encoding.default_external = Encoding::UTF_8
Encoding.default_internal = nil
# What commands of exec resources make is made as on a shell of root's, whatever the daemon keeps to itself.
File.umask(0o022)
$stdout.sync = true

require 'json'
require_relative 'ral-package-lists'

RESPONSE_BYTES_MAX = Integer(ENV.fetch('RAL_FRAME_BYTES_MAX'))
MEMORY_BYTES_MAX = Integer(ENV.fetch('RAL_MEMORY_BYTES_MAX'))
PRIVATE_FOLDER = ENV.fetch('RAL_FOLDER')
WATCHED_MAX = 20_000
RESOURCES_MAX = 50_000
LOGS_MAX = 50

# Nothing that is started from here needs to know.
%w[RAL_FRAME_BYTES_MAX RAL_MEMORY_BYTES_MAX RAL_FOLDER].each { |name| ENV.delete(name) }

class Refusal < StandardError
  attr_reader :kind, :details

  def initialize(kind, message, details = {})
    super(message)
    @kind = kind
    @details = details
  end
end

def resident_bytes
  File.read('/proc/self/statm').split[1].to_i * 4096
rescue SystemCallError
  0
end

def load_puppet
  require 'puppet'
  isolated = { 'lastrunfile' => 'summary.yaml', 'lastrunreport' => 'report.yaml', 'statefile' => 'state.yaml',
               'transactionstorefile' => 'transactions.yaml' }
  arguments = isolated.flat_map { |setting, file| ["--#{setting}", File.join(PRIVATE_FOLDER, file)] }
  Puppet.initialize_settings(arguments + ['--reports', 'none'])
  require 'puppet/transaction/report'
  require 'puppet/resource/catalog'
  Puppet::Util::Log.newdesttype(:ral) do
    match 'ral'
    def handle(message)
      $logs << [message.level, message.to_s] if $logs.size < LOGS_MAX
    end
  end
  $logs = []
  Puppet::Util::Log.newdestination('ral')
  Puppet::Util::Log.level = :notice
  environment = current_environment
  loaders = Puppet::Pops::Loaders.new(environment) if defined?(Puppet::Pops::Loaders)
  Puppet.push_context({ current_environment: environment, loaders: loaders }, 'ral worker')
  environment
end

# `apt-mark showmanual` may take seconds to say what is in a file.
AUTO_INSTALLED = '/var/lib/apt/extended_states'
DPKG_LISTS = '/var/lib/dpkg/info/*.list'

def make_apt_quick
  apt = Puppet::Type.type(:package).provider(:apt)
  return if apt.nil? || !apt.respond_to?(:aptmark)

  slow = apt.method(:aptmark)
  apt.define_singleton_method(:aptmark) do |*arguments|
    next slow.call(*arguments) unless arguments.first == 'showmanual' && File.readable?(AUTO_INSTALLED)

    names = arguments.drop(1)
    names = Dir.glob(DPKG_LISTS).map { |path| File.basename(path, '.list').sub(/:.*/, '') } if names.empty?
    automatic = File.read(AUTO_INSTALLED).split("\n\n").grep(/^Auto-Installed: 1$/).map { |entry| [entry[/^Package: (.*)$/, 1], true] }.to_h
    names.reject { |name| automatic.key?(name) }.join("\n")
  end
end

# As `puppet resource` chooses it: the configured one when it is here, else production.
def current_environment
  found = Puppet.lookup(:environments).get(Puppet[:environment])
  return found if found

  paths = Puppet[:modulepath]
  paths = Puppet[:basemodulepath] if paths.nil? || paths.empty?
  Puppet::Node::Environment.create(:production, Puppet::Node::Environment.split_path(paths),
                                   Puppet::Node::Environment::NO_MANIFEST)
end

# Files and folders whose change makes what is loaded stale. A new file changes its folder, a new folder the one above.
def watched(environment)
  roots = [Puppet[:libdir], Puppet[:plugindest]].uniq
  modules = environment.full_modulepath.flat_map { |path| [path] + Dir.glob("#{path}/*") }
  roots += modules.map { |folder| "#{folder}/lib" }
  deep = roots.flat_map { |root| [root] + Dir.glob("#{root}/puppet{,_x}/**/*") }
  files = [Puppet[:config], Puppet[:environmentpath], *$LOADED_FEATURES.grep(%r{/puppet/version\.rb\z})]
  (files + modules + deep).uniq.first(WATCHED_MAX)
end

def stamp(path)
  stat = File.stat(path)
  [stat.mtime, stat.ino, stat.size]
rescue SystemCallError
  nil
end

def stamps(paths)
  paths.map { |path| stamp(path) }
end

# -- Values -----------------------------------------------------------------------------------------------------------------------------

def text(value)
  value = value.to_s
  value = value.dup.force_encoding(Encoding::UTF_8) if value.encoding != Encoding::UTF_8
  value.scrub
end

def plain(value, depth = 0)
  return text(value) if depth > 16

  case value
  when nil, true, false, Integer then value
  when Float then value.finite? ? value : value.to_s
  when :undef then nil
  when :true then true
  when :false then false
  when Array then value.map { |item| plain(item, depth + 1) }
  when Hash then value.map { |key, item| [text(key), plain(item, depth + 1)] }.to_h
  when Puppet::Resource then value.ref
  else
    sensitive?(value) ? plain(value.unwrap, depth + 1) : text(value)
  end
end

def sensitive?(value)
  defined?(Puppet::Pops::Types::PSensitiveType::Sensitive) && value.is_a?(Puppet::Pops::Types::PSensitiveType::Sensitive)
end

def sensitive_names(ral, resource)
  ral.class.properties.map(&:name).select do |name|
    property = ral.property(name)
    sensitive?(resource[name]) || (property.respond_to?(:sensitive) && property.sensitive)
  end
end

# Properties only, without empty and absent ones but for ensure; packages keep their provider.
def described(ral)
  resource = ral.to_resource
  secret = sensitive_names(ral, resource)
  names = ral.class.properties.map(&:name)
  names << :provider if ral.class.name == :package
  parameters = {}
  resource.to_hash.each do |name, value|
    next unless names.include?(name)
    next if value.to_s.empty? || Array(value).empty? && value != false
    next if value.to_s == 'absent' && name != :ensure

    parameters[name.to_s] = plain(value)
  end
  { 'type' => resource.type.to_s, 'title' => text(resource.title), 'tags' => resource.tags.map { |tag| text(tag) },
    'exported' => resource.exported ? true : false, 'parameters' => parameters, 'sensitive' => secret.map(&:to_s) }
end

# -- Resources --------------------------------------------------------------------------------------------------------------------------

INTERNAL = %i[component whit].freeze

def type_called(name)
  lower = name.downcase
  found = Puppet::Type.type(lower.to_sym) if lower =~ /\A[a-z]\w*(::[a-z]\w*)*\z/ && lower.length <= 100
  raise Refusal.new('unknown_type', "Could not find type #{name}") if found.nil? || INTERNAL.include?(found.name)

  found
end

def ral_of(type, title, parameters)
  Puppet::Resource.new(type.name.to_s, title, parameters: parameters.map { |name, value| [name.to_sym, value] }.to_h).to_ral
end

def with_all_properties(ral)
  ral.class.properties.each { |property| ral.newattr(property.name) unless ral.property(property.name) }
  ral
end

# Providers that keep their resources in one file know them only after looking once; packages can be asked for one by one.
def prefetch(ral)
  provider = ral.provider
  return if provider.nil? || ral.class.name == :package || !provider.class.respond_to?(:prefetch)

  provider.class.prefetch({ ral[:name] => ral })
end

def absent?(found)
  %w[absent purged].include?(found['parameters']['ensure'])
end

def find(request)
  type = type_called(request['type'])
  given = request['provider'] ? { 'provider' => request['provider'] } : {}
  ral = ral_of(type, request['title'], given)
  prefetch(ral)
  found = described(with_all_properties(ral))
  found = elsewhere(type, request['title'], ral) || found if given.empty? && type.name == :package && absent?(found)
  managed(found)
end

# A package that the usual provider does not have may be another's: gem, pip.
def elsewhere(type, title, ral)
  others = type.providers_by_source.reject { |provider| provider.source == ral.provider.class.source }
  lists = $package_lists.ask(others) { |provider| packages_of(type, provider) }
  lists.call.flatten(1).find { |found| found['title'] == title && !absent?(found) }
end

def search(request)
  type = type_called(request['type'])
  raise Refusal.new('failed', 'Listing all file instances is not supported. Please find a file by its path') if type.name == :file

  found = type.name == :package ? packages(type, request['provider']) : all_described(instances(type, request['provider']))
  raise Refusal.new('failed', "there are #{found.size} of type #{type.name}, at most #{RESOURCES_MAX} are listed") if found.size > RESOURCES_MAX

  { 'resources' => found.map { |resource| managed(resource) }.sort_by { |resource| resource['title'] } }
end

def described_if_possible(ral)
  described(ral)
rescue StandardError => e
  $logs << [:debug, "#{ral.ref}: #{e.message}"]
  nil
end

def all_described(rals)
  rals.map { |ral| described_if_possible(ral) }.compact
end

# The first provider that has a package of a name wins, as in Puppet.
def packages(type, only)
  providers = type.providers_by_source
  providers = providers.select { |provider| provider.name.to_s == only } if only
  first, *others = providers
  return [] if first.nil?

  others_found = $package_lists.ask(others) { |provider| packages_of(type, provider) }
  found = unless_broken(first) { packages_of(type, first) }
  (found + others_found.call.flatten(1)).uniq { |resource| resource['title'] }
end

def unless_broken(provider)
  yield
rescue StandardError => e
  $logs << [:debug, "#{provider.name}: #{e.message}"]
  []
end

# Thousands of packages are described without making a resource of Puppet's of each, where that says nothing more.
def packages_of(type, provider)
  known = type.properties.map(&:name).select { |name| provider.supports_parameter?(name) }
  return all_described(instances_of(type, provider)) unless (known - %i[ensure mark]).empty?

  provider.instances.map do |instance|
    values = instance.properties
    resource = Puppet::Resource.new(type, instance.name)
    parameters = known.map { |name| [name.to_s, plain(values[name])] }.reject { |_name, value| value.nil? || value == '' }.to_h
    { 'type' => resource.type.to_s, 'title' => text(instance.name), 'tags' => resource.tags.map { |tag| text(tag) },
      'exported' => false, 'parameters' => parameters.merge('provider' => provider.name.to_s), 'sensitive' => [] }
  end
end

# As Puppet's own, but one broken provider does not hide what the others know.
def instances(type, only = nil)
  own = type.method(:instances).owner != Puppet::Type.singleton_class
  return type.instances if own
  raise Refusal.new('failed', "#{type.name} has no providers and cannot be listed") if type.provider_hash.empty?

  providers = type.providers_by_source
  providers = providers.select { |provider| provider.name.to_s == only } if only
  providers.flat_map { |provider| unless_broken(provider) { instances_of(type, provider) } }.uniq(&:title)
end

def instances_of(type, provider)
  provider.instances.map do |instance|
    title = instance.respond_to?(:title) ? instance.title : instance.name
    with_all_properties(type.new(name: instance.name, provider: instance, title: title)) if title
  end.compact
end

def create(request)
  type = type_called(request['type'])
  parameters = request['parameters']
  conflict = request['avoid_conflict']
  parameters.delete(conflict) if conflict && parameters.key?(conflict) && conflict?(type, request['title'], conflict, parameters[conflict])
  noop = request['noop'] ? true : false
  ral = ral_of(type, request['title'], parameters.merge('noop' => noop))
  catalog = Puppet::Resource::Catalog.new('troupe', Puppet.lookup(:current_environment))
  # Puppet heeds noop in the catalogue of a host only; the state such a catalogue keeps is in the private folder.
  catalog.host_config = noop
  catalog.add_resource(ral)
  report = catalog.apply.report
  events = report.resource_statuses.values.flat_map(&:events)
  told = events.map { |event| described_event(event) }
  failure = failure_of(report, events)
  raise Refusal.new('failed', failure, 'events' => told, 'logs' => told_logs) if failure

  { 'resource' => managed(described(with_all_properties(ral))), 'events' => told,
    'changed' => report.resource_statuses.values.any?(&:changed) }
end

def conflict?(type, title, property, value)
  instances(type).any? do |other|
    found = described_if_possible(other)
    found && (found['title'] == title || found['parameters'][property].to_s == value.to_s)
  end
end

def described_event(event)
  { 'property' => text(event.property), 'message' => text(event.message), 'status' => text(event.status),
    'previous' => plain(event.previous_value), 'desired' => plain(event.desired_value) }
end

def failure_of(report, events)
  event = events.find { |one| one.status == 'failure' }
  return text(event.message) if event
  return nil unless report.resource_statuses.empty? || report.resource_statuses.values.any? { |status| status.failed || status.skipped }

  _level, message = $logs.reverse.find { |level, _| level == :err } || $logs.reverse.find { |level, _| level == :warning }
  message ? text(message) : 'Puppet did not apply the resource and did not say why'
end

def told_logs
  $logs.reject { |level, _| level == :debug }.map { |level, message| { 'level' => level.to_s, 'message' => text(message) } }
end

# Whether the last catalogue of the node has it; nil: Puppet has not written down what it manages.
def managed(found)
  path = Puppet[:resourcefile]
  stat = File.stat(path)
  key = [path, stat.mtime, stat.ino, stat.size]
  unless $managed_key == key
    $managed_names = File.foreach(path).map { |line| [line.scrub.chomp.downcase, true] }.to_h
    $managed_key = key
  end
  found.merge('managed' => $managed_names.key?("#{found['type']}[#{found['title']}]".downcase))
rescue SystemCallError
  found.merge('managed' => nil)
end

def types
  Puppet::Type.typeloader.method(:loadall).arity.zero? ? Puppet::Type.loadall : Puppet::Type.typeloader.loadall(Puppet.lookup(:current_environment))
  names = []
  Puppet::Type.eachtype { |type| names << type.name.to_s unless INTERNAL.include?(type.name) }
  { 'types' => names.sort }
end

def answer(request)
  case request['ask']
  when 'find' then find(request)
  when 'search' then search(request)
  when 'create' then create(request)
  when 'types' then types
  else raise Refusal.new('failed', 'the worker does not know this question')
  end
end

# -- The channel ------------------------------------------------------------------------------------------------------------------------

def send_frame(channel, message)
  body = JSON.generate(message)
  if body.bytesize > RESPONSE_BYTES_MAX
    body = JSON.generate({ 'id' => message['id'], 'memory' => resident_bytes, 'error' =>
      { 'kind' => 'failed', 'message' => "the answer has #{body.bytesize} bytes, at most #{RESPONSE_BYTES_MAX} are passed on" } })
  end
  channel.write([body.bytesize].pack('N'), body)
  channel.flush
end

def read_frame(channel)
  head = channel.read(4)
  return nil if head.nil? || head.bytesize < 4

  length = head.unpack1('N')
  body = channel.read(length)
  return nil if body.nil? || body.bytesize < length

  begin
    JSON.parse(body.force_encoding(Encoding::UTF_8), max_nesting: 64)
  rescue JSON::ParserError => e
    { 'unread' => text(e.message)[0, 200] }
  end
end

def respond(request)
  $logs.clear
  raise Refusal.new('failed', "the question cannot be read: #{request['unread']}") if request.key?('unread')

  { 'id' => request['id'], 'result' => answer(request), 'memory' => resident_bytes }
rescue Refusal => e
  { 'id' => request['id'], 'error' => { 'kind' => e.kind, 'message' => text(e.message) }.merge(e.details), 'memory' => resident_bytes }
rescue SignalException
  raise
rescue Exception => e # Puppet's types and providers may raise anything, and even exit.
  { 'id' => request['id'], 'error' => { 'kind' => 'failed', 'message' => text(e.message), 'logs' => told_logs }, 'memory' => resident_bytes }
end

environment = load_puppet
$package_lists = PackageLists.new
make_apt_quick
$0 = 'ral-worker: resources for mcollectived'
paths = watched(environment)
before = stamps(paths)

# A search that runs away ends before it takes the machine along.
Thread.new do
  loop do
    sleep 1
    next if resident_bytes <= 2 * MEMORY_BYTES_MAX

    warn "more than #{2 * MEMORY_BYTES_MAX} bytes of memory are in use"
    exit!(3)
  end
end

send_frame(channel_out, { 'hello' => Puppet.version.to_s, 'memory' => resident_bytes })
while (request = read_frame(channel_in))
  if stamps(paths) != before
    send_frame(channel_out, { 'id' => request['id'], 'stale' => true })
    break
  end
  send_frame(channel_out, respond(request))
end
# The daemon does this, too, unless it was killed.
FileUtils.rm_rf(PRIVATE_FOLDER)
