# What package providers beside the system's own list: gem, pip and others, for ral-worker.rb. They are asked in processes of their own, side
# by side. Asking gem or pip costs a second of processor time, so their answer is kept as long as every file it is made from is as it was:
# the tool, the program it runs under, its configuration, every folder that program looks for packages in, and each package's entry there
# (inode, size and times of each). Whose files cannot be told is asked each time. [agents 9.1]

require 'digest'
require 'json'

# Runs the block in a process of its own and gives a procedure that waits for its value: one that is broken, or exits, has no value.
def apart
  reader, writer = IO.pipe
  writer.binmode
  pid = fork do
    begin
      reader.close
      writer.write(JSON.generate(yield))
      writer.close
    rescue Exception
      nil
    ensure
      exit!(0)
    end
  end
  writer.close
  lambda do
    body = reader.read.force_encoding(Encoding::UTF_8)
    reader.close
    Process.wait(pid)
    body.empty? ? nil : JSON.parse(body)
  end
end

# The files that a provider's list is made from.
module PackageFiles
  ENTRIES_MAX = 20_000
  PYTHON_CONFIG = ['/etc/pip.conf', '/etc/xdg/pip/pip.conf', '~/.pip/pip.conf', '~/.config/pip/pip.conf'].freeze
  RUBY_CONFIG = ['/etc/gemrc', '~/.gemrc', '~/.config/gem/gemrc'].freeze
  DNF_REPOSITORIES = ['/etc/yum.repos.d', '/etc/yum/repos.d', '/etc/distro.repos.d'].freeze
  SEARCH_PATH = 'import sys; print("\n".join(sys.path[1:]))'

  # Differs when the list may be different; two providers with the same one list the same. nil: that cannot be told. `paths`: what programs
  # have told of where they look, for several stamps at one moment.
  def self.stamp(provider, paths = {})
    files = case provider.name
            when :pip, :pip2, :pip3 then of_python(provider.provider_command, paths)
            when :gem, :puppet_gem then of_ruby(provider.provider_command)
            when :dnfmodule then of_dnf
            end
    return nil if files.nil? || files.size > ENTRIES_MAX

    Digest::SHA256.hexdigest(files.map { |path| [path, state_of(path)].join(' ') }.join("\n"))
  rescue StandardError
    nil
  end

  def self.of_python(command, paths)
    program, *options = program_of(command)
    return nil unless program && File.basename(program) =~ /\Apython[\d.]*\z/

    told = paths[[program, options]] ||= IO.popen([program, *options, '-c', SEARCH_PATH], in: File::NULL, err: File::NULL, &:read)
    return nil if told.empty?

    folders = [File.dirname(File.realpath(command)), *told.split("\n")]
    described(command, program, PYTHON_CONFIG) + with_entries(folders, /\.(dist-info|egg-info|egg-link|egg|pth)\z/)
  end

  # Only when gem runs under the Ruby of this process, which knows where that one looks.
  def self.of_ruby(command)
    program, = program_of(command)
    return nil unless program && File.realpath(program) == File.realpath(RbConfig.ruby)

    folders = Gem.path.map { |path| File.join(path, 'specifications') } + Gem.path
    described(command, program, RUBY_CONFIG) + with_entries([*folders, Gem.default_specifications_dir], /\.gemspec\z/)
  end

  # Only without repositories, whose lists are fetched again by the clock.
  def self.of_dnf
    repositories = Dir.glob(DNF_REPOSITORIES.map { |folder| "#{folder}/*.repo" })
    return nil unless repositories.empty? && File.read('/etc/dnf/dnf.conf').scan(/^\s*\[([^\]]*)\]/).flatten - ['main'] == []

    folders = ['/etc/dnf', '/var/lib/dnf', *DNF_REPOSITORIES, *Dir.glob('/etc/dnf/*/')]
    ['dnf', File.realpath('/usr/bin/dnf')] + with_entries(folders, /./)
  end

  # What is in the tool itself stands for it, so that pip and pip3 are one when they are the same.
  def self.described(command, program, config)
    found = config.map { |path| File.expand_path(path) }
    ["#{Digest::SHA256.file(command).hexdigest} #{File.dirname(File.realpath(command))}", program, File.realpath(program), *found]
  end

  def self.with_entries(folders, names)
    folders.uniq.flat_map do |folder|
      inside = File.directory?(folder) ? Dir.children(folder).grep(names).sort : []
      [folder, *inside.map { |name| File.join(folder, name) }]
    end
  end

  # The words of a script's first line; a name after env is looked up as env does.
  def self.program_of(command)
    return nil if command.nil?

    words = File.open(command, 'rb') { |file| file.read(256).to_s }[/\A#!([^\n]*)\n/, 1].to_s.split
    words = [Puppet::Util.which(words[1]), *words.drop(2)] if words.first && File.basename(words.first) == 'env'
    words.first ? words : nil
  end

  def self.state_of(path)
    stat = File.stat(path)
    [stat.ino, stat.size, stat.mtime.to_r, stat.ctime.to_r].join(' ')
  rescue SystemCallError
    '-'
  end
end

# Lists of packages by provider.
class PackageLists
  KEPT_MAX = 16

  def initialize
    @kept = {}
  end

  # Begins to ask where nothing is kept and gives a procedure that waits for a list of each provider. The block describes the packages of one,
  # as hashes of plain values; what it raises makes an empty list.
  def ask(providers)
    asked = {}
    paths = {}
    begun = providers.map do |provider|
      stamp = PackageFiles.stamp(provider, paths)
      next [provider, stamp, nil] if stamp && (@kept.key?(stamp) || asked.key?(stamp))

      asked[stamp] = true if stamp
      [provider, stamp, apart { yield provider }]
    end
    lambda do
      lists = begun.map { |provider, stamp, answer| answer ? learned(provider, stamp, answer.call) : renamed(@kept[stamp], provider) }
      @kept.shift while @kept.size > KEPT_MAX
      lists
    end
  end

  private

  # What changed while a tool was reading may be in its answer or not.
  def learned(provider, stamp, list)
    @kept[stamp] = list if stamp && list && PackageFiles.stamp(provider) == stamp
    list || []
  end

  # pip's list as pip3's. One that could not be kept is nobody else's.
  def renamed(list, provider)
    list.to_a.map { |resource| resource.merge('parameters' => resource['parameters'].merge('provider' => provider.name.to_s)) }
  end
end
