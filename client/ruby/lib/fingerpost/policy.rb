# frozen_string_literal: true

require "securerandom"
require "fingerpost/engine"
require "fingerpost/heard"
require "fingerpost/hosts"
require "fingerpost/v1/policy_pb"

module Fingerpost
  # What a client knows of its policy. `state`: :READY, the service's, and the process is told of each change; :STALE, the last good one, because the
  # service cannot be reached; :NONE, there has been none yet. `since`: when the state began; for a policy from policy_file, when it was written.
  # `version`: as Decision#policy_version. `problems`: why a newer policy does not answer, or why there is none.
  PolicyStatus = Struct.new(:state, :since, :version, :problems, keyword_init: true)

  # One client's policy. One thread at a time writes it; any number of threads read it.
  class Held
    # Octets of the largest message and file that is read. The service hands out at most 10 MiB.
    LARGEST = 16 << 20
    # Policies whose last counts wait to be reported, at most.
    FORMER = 4

    attr_reader :policy, :status

    def initialize(selector, file, engine, why_not = nil)
      @selector = spelled(selector)
      @file = file&.to_s
      @engine = engine
      @former = []
      @status = PolicyStatus.new(state: :NONE, since: Time.now, version: "", problems: [why_not].compact)
      read if engine && @file
    end

    # The service says which policy answers now.
    def come(answer)
      problems = answer.problems.map { |one| [one.place, one.field, one.description].reject(&:empty?).join(": ") }
      return become(:READY, problems) if !answer.has_policy? && version == answer.version

      policy = take(answer)
      @former = [*@former, @policy].last(FORMER) if @policy
      @policy = policy
      @refused = nil
      become(:READY, problems + write(answer.policy), new: true)
    rescue Error, Google::Protobuf::ParseError => e
      refuse(answer, e, problems)
    end

    # A policy that no service hands out.
    def give(policy)
      @policy = policy
      become(:READY, [])
    end

    # The service is out of reach.
    def leave(why) = become(@policy ? :STALE : :NONE, [why])

    def version = @policy ? @policy.version : ""

    # The policies whose counts were not reported yet; the former ones are given out once.
    def counted
      former, @former = @former, []
      [*former, @policy].compact
    end

    # In the child of a fork: the parent reports what it counted.
    def forget_counts
      @former = []
      @policy&.take_usage
    end

    private

    def take(answer)
      raise Error.new("INTERNAL", "its text did not come with it") unless answer.has_policy?

      policy = @engine.open(answer.policy, answer.version)
      written = whole(answer.policy)
      raise Error.new("INTERNAL", "handed_out.version: expected the message's version, got #{written.inspect}") unless written == answer.version

      policy
    end

    def refuse(answer, error, problems)
      refused = "the service's policy #{answer.version.inspect} was not taken: #{error.message}"
      Fingerpost.logger.warn("#{refused}; #{@policy ? "#{version.inspect} stays" : "there is none"}") if refused != @refused
      @refused = refused
      become(@policy ? :READY : :NONE, [*problems, refused])
    end

    def become(state, problems, new: false)
      since = @status.state == state && !new ? @status.since : Time.now
      @status = PolicyStatus.new(state: state, since: since, version: version, problems: problems.freeze).freeze
    end

    # Its version. Raises Error unless these octets are all of the part that was asked for: handed_out is their last field.
    def whole(octets)
      part = V1::Policy.decode(octets).handed_out
      raise Error.new("FAILED_PRECONDITION", "it is not whole: handed_out.version is not set") if part.nil? || part.version.empty?
      raise Error.new("FAILED_PRECONDITION", "it is another part of the policy (handed_out.selector)") unless spelled(part.selector || V1::PolicySelector.new) == @selector

      part.version
    end

    # As the service spells it in handed_out.
    def spelled(selector) = [selector.hosts.map { |host| Hosts.selected(host) }.uniq.sort, selector.intents.to_a.uniq.sort]

    def read
      File.open(@file, File::RDONLY | File::NONBLOCK | File::BINARY) do |opened|
        require_regular(opened.stat)
        octets = opened.read(LARGEST + 1).to_s
        raise IOError, "it has more than #{LARGEST} octets" if octets.bytesize > LARGEST

        policy = @engine.open(octets)
        whole(octets)
        @policy = policy
        @status = PolicyStatus.new(state: :STALE, since: opened.mtime, version: version, problems: []).freeze
      end
    rescue Errno::ENOENT
      nil
    rescue SystemCallError, IOError, ArgumentError, Error, Google::Protobuf::ParseError => e
      problem = "#{@file} was not taken: #{e.message}"
      Fingerpost.logger.warn(problem)
      @status = @status.dup.tap { |status| status.problems = [problem] }
    end

    # Beside the file and renamed, so that a reader finds the old one or the new one; for its owner alone.
    def write(octets)
      return [] unless @file

      real = File.realdirpath(@file) # A link stays one.
      require_regular(File.stat(real)) if File.exist?(real)
      beside = File.join(File.dirname(real), ".fingerpost.#{SecureRandom.hex(8)}")
      File.open(beside, File::WRONLY | File::CREAT | File::EXCL | File::BINARY, 0o600) do |opened|
        opened.write(octets)
        opened.fsync
      end
      File.rename(beside, real)
      []
    rescue SystemCallError, IOError, ArgumentError => e # ArgumentError: a NUL in the name.
      File.unlink(beside) if beside && File.exist?(beside)
      Fingerpost.logger.warn("the policy was not written: #{e.message}")
      ["#{@file} was not written: #{e.message}"]
    end

    def require_regular(about)
      raise IOError, about.directory? ? "it is a directory" : "it is no regular file" unless about.file?
    end
  end
end
