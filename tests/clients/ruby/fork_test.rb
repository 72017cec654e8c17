# frozen_string_literal: true

# Servers fork: before anything is asked, and after.

require_relative "support"

BLOG = { request: { method: "GET", url: "https://a.test/blog" } }.freeze
address = service("rules: [{id: blog, match: {path: /blog}, intent: {purpose: permanent_move, target: /journal}}]")

# What the block returns in a child, which ends at once: its at_exit is the tests' own.
def child
  out, input = IO.pipe
  pid = fork do
    out.close
    STARTED.clear
    input.write(Marshal.dump(yield))
    input.close
    exit!(0)
  end
  input.close
  Marshal.load(out.read).tap { Process.wait(pid) }
end

test "servers may fork before the first question" do
  asking = client(address, engine: :auto)
  2.times { equal([:SERVICE, true, :ENGINE, :READY], child { [asking.decide(BLOG).source, asking.ready(PATIENT), asking.decide(BLOG).source, asking.policy.state] }) }
end

test "the workers of a Puma cluster each have the policy" do
  Dir.mktmpdir do |folder|
    File.write(File.join(folder, "config.ru"), <<~RUBY)
      require "fingerpost/rack"
      client = Fingerpost::Client.new("#{address}", Fingerpost.plaintext, timeout: #{PATIENT})
      use Fingerpost::Middleware, client
      run ->(_) { client.ready(#{PATIENT}); [200, {}, ["\#{Process.pid} \#{client.policy.state}"]] }
    RUBY
    out, input = IO.pipe
    STARTED << spawn("/usr/bin/puma", "--workers", "2", "--preload", "--bind", "tcp://127.0.0.1:0", "config.ru", chdir: folder, out: input, err: input)
    input.close
    port = out.each_line.find { |line| line =~ %r{Listening on http://127\.0\.0\.1:(\d+)} } && Regexp.last_match(1)
    Thread.new { out.each_line { nil } }
    seen = {}
    soon do
      Net::HTTP.start("127.0.0.1", port, nil) do |http|
        pid, state = http.get("/page").body.split
        seen[pid] = [state, http.get("/blog").code]
      end
      seen.size == 2
    end
    equal([%w[READY 308]], seen.values.uniq)
    Process.kill("TERM", STARTED.last)
    Process.wait(STARTED.pop)
  end
end

test "a child of a process that has asked has the policy, and says what gRPC refuses" do
  asking = client(address, engine: :auto)
  remote = client(address)
  asking.ready(PATIENT)
  asking.decide(BLOG)
  remote.decide(BLOG)
  state, source, fallback, error = child { [asking.policy.state, asking.decide(BLOG).source, *remote.decide(BLOG).then { |answer| [answer.source, answer.error.message] }] }
  equal([:STALE, :ENGINE, :FALLBACK, true], [state, source, fallback, error.include?("fork")])
  equal(%i[READY SERVICE], [asking.policy.state, remote.decide(BLOG).source])
end
