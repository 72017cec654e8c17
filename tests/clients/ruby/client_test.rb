# frozen_string_literal: true

# The client: questions, deadlines, outages, the policy inside, and what is counted.

require_relative "support"

ORDER = { request: { method: "POST", url: "https://a.test/orders" }, intent: { purpose: :form_result, target: "/orders/7" } }.freeze
BLOG = { request: { method: "GET", url: "https://a.test/blog" } }.freeze
POLICY = "rules: [{id: blog, match: {path: /blog}, intent: {purpose: permanent_move, target: /journal}}]"
address = service(POLICY)

# A service that hands out a policy, and keeps what is reported to it.
def watched(policy)
  reports = []
  handing = Class.new(Fingerpost::V1::PolicyService::Service) do
    define_method(:watch_policy) { |_, _call| Enumerator.new { |stream| stream << policy and sleep } }
    define_method(:report_usage) { |usage, _call| Fingerpost::V1::ReportUsageResponse.new.tap { reports << usage } }
  end
  [serve(handing.new), reports]
end

test "the transport, the engine and on_error are choices" do
  [[nil, {}], [Fingerpost.plaintext, { engine: :near }], [Fingerpost.plaintext, { on_error: :ignore }], [Fingerpost.plaintext, { timeout: Float::NAN }]].each do |transport, more|
    raises(ArgumentError, ArgumentError) { Fingerpost::Client.new(address, transport, **more) }
  end
  raises(ArgumentError, ArgumentError) { Fingerpost.tls(key: "k") }
  equal(false, Fingerpost.tls(key: "s3cret", certificate: "c").inspect.include?("s3cret"))
end

test "a closed client asks nothing, and is closed twice" do
  asking = client(address)
  asking.decide(ORDER)
  2.times { asking.close }
  raises(IOError, IOError) { asking.decide(ORDER) }
end

test "a wrong question names every wrong field at once, before anything is sent" do
  asking = client(closed_port, on_error: :raise)
  error = raises("INVALID_ARGUMENT") { asking.decide(request: { methud: "GET", url: "\xff" }, intent: { purpose: "form_resul", target: ["/x"] }) }
  equal(%w[request.methud request.url intent.purpose], error.violations.map(&:field))
  equal(true, error.violations.first.description.include?("did you mean method?"))
  raises("INVALID_ARGUMENT") { asking.decide(request: "GET") }
  equal("MALFORMED_JSON", raises("INVALID_ARGUMENT") { asking.decide(intent: { pinned_status: "many" }) }.reason)
  raises(TypeError, TypeError) { asking.decide([]) }
  # 12 wrong questions would open the breaker.
  12.times { raises("INVALID_ARGUMENT") { client(address, on_error: :raise).decide(request: { method: "PO ST" }) } }
end

test "questions in Ruby's own types" do
  asked = Fingerpost::Questions.message(
    Fingerpost::V1::DecideRequest,
    "now" => Time.at(1, 500, :millisecond), parameters: { id: "7" }, request: { url: "https://a.test/\u00fc".b },
    intent: { purpose: "Form Result", target: URI("https://b.test/x"), retryAfter: 1.5, allowed_hosts: %w[b.test] }
  )
  equal([1, 500_000_000, "7", "https://a.test/ü"], [asked.now.seconds, asked.now.nanos, asked.parameters["id"], asked.request.url])
  intent = asked.intent
  equal([:PURPOSE_FORM_RESULT, "https://b.test/x", 1, 500_000_000], [intent.purpose, intent.target, intent.retry_after.seconds, intent.retry_after.nanos])
end

test "gRPC's errors have the code, the reason and the violations" do
  error = raises("INVALID_ARGUMENT") { client(address).decide(request: { method: "PO ST", url: "ftp://a.test/" }, intent: { purpose: :form_result, target: "/\u0001" }) }
  equal(["INVALID_FIELDS", %w[request.method intent.target]], [error.reason, error.violations.map(&:field) & %w[request.method intent.target]])
  unreadable, = fake(GRPC::BadStatus.new(GRPC::Core::StatusCodes::INVALID_ARGUMENT, "no", { "grpc-status-details-bin" => "\xff\xff" }))
  equal([], raises("INVALID_ARGUMENT") { client(unreadable).decide(ORDER) }.violations)
  raises("NOT_FOUND") { client(fake(GRPC::NotFound.new("no")).first).decide(ORDER) }
end

test "a question that is too large is no outage" do
  asking = client(address)
  error = raises("RESOURCE_EXHAUSTED") { asking.decide(request: { method: "POST", url: "https://a.test/" }, intent_name: "x", parameters: { "a" => "a" * (5 << 20) }) }
  equal([true, true], [error.answered?, error.too_large?])
end

test "a slow service costs no more than the deadline, and is heard once" do
  TCPServer.open("127.0.0.1", 0) do |silent| # Accepts and never says a word.
    heard = []
    asking = client("127.0.0.1:#{silent.addr[1]}", timeout: 0.05, on_fallback: ->(error) { raise "unheard" if heard.push(error.code) })
    log = logged do
      started = Time.now
      6.times { equal([:FALLBACK, 303], asking.decide(ORDER).then { |answer| [answer.source, answer.status] }) }
      equal(true, Time.now - started < PATIENT)
    end
    equal(1, log.scan("Fingerpost did not answer").size)
    equal("BREAKER_OPEN", heard.last)
    equal([:PASS, :FALLBACK, "BREAKER_OPEN"], asking.decide(BLOG).then { |answer| [answer.outcome, answer.source, answer.error.code] })
  end
end

test "the breaker opens after five, tries after a second, and closes" do
  now = 0.0
  breaker = Fingerpost::Breaker.new(-> { now })
  4.times { breaker.failed }
  equal(true, breaker.allows?)
  breaker.failed
  equal([false, false], [breaker.allows?, breaker.allows?])
  now = 1.21
  equal([true, false], [breaker.allows?, breaker.allows?])
  breaker.answered
  equal([true, true], [breaker.allows?, breaker.allows?])
end

test "a wrong authority is an outage, and a right name with the wrong key, too" do
  Dir.mktmpdir do |folder|
    key, certificate = File.join(folder, "key.pem"), File.join(folder, "cert.pem")
    system("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
           "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", err: File::NULL, exception: true)
    tls = service(POLICY, "--tls-cert", certificate, "--tls-key", key)
    trusting = Fingerpost::Client.new(tls, Fingerpost.tls(ca: File.read(certificate), server_name: "localhost"), engine: :remote, timeout: PATIENT)
    equal(:SERVICE, trusting.decide(ORDER).source)
    raises("UNAVAILABLE") { Fingerpost::Client.new(tls, Fingerpost.tls, engine: :remote, timeout: PATIENT, on_error: :raise).decide(ORDER) }
  end
end

test "the policy comes, answers here, and changes" do
  file = File.join(Dir.mktmpdir, "policy.yaml")
  File.write(file, POLICY)
  changing = start("#{BIN}/fingerpostd", "--listen", "127.0.0.1:0", "--policy", file)
  asking = client(changing, engine: :auto)
  equal(:NONE, asking.policy.state)
  equal(true, asking.ready(PATIENT))
  equal([:READY, [], :ENGINE, "/journal"], [asking.policy.state, asking.policy.problems, *asking.decide(BLOG).then { |answer| [answer.source, answer.header("location")] }])
  equal(asking.policy.version, asking.decide(BLOG).policy_version)
  File.write("#{file}.new", POLICY.sub("/journal", "/news"))
  File.rename("#{file}.new", file)
  soon { asking.decide(BLOG).header("location") == "/news" }
  Process.kill("KILL", STARTED.last)
  soon { asking.policy.state == :STALE }
  equal([:ENGINE, "/news"], asking.decide(BLOG).then { |answer| [answer.source, answer.header("location")] })
  asking.close
end

test "the last good policy is kept in a file, for its owner alone" do
  file = File.join(Dir.mktmpdir, "kept")
  client(address, engine: :auto, policy_file: file).tap { |asking| asking.ready(PATIENT) }.close
  equal("600", format("%o", File.stat(file).mode & 0o777))
  late = client(closed_port, engine: :local, policy_file: file, on_error: :raise)
  equal([:STALE, "/journal"], [late.policy.state, late.decide(BLOG).header("location")])
  File.write(file, "nonsense")
  refused = nil
  log = logged { refused = client(closed_port, engine: :local, policy_file: file) }
  equal([:NONE, true, true], [refused.policy.state, refused.policy.problems.first.include?("was not taken"), log.include?("was not taken")])
  raises("UNAVAILABLE") { client(closed_port, engine: :local, on_error: :raise).decide(BLOG) }
end

test "what is answered here is counted there" do
  policy = Fingerpost::V1::Policy.decode_json(JSON.generate(handedOut: { version: "v1" }, rules: [
    { id: "blog", match: { path: "/blog" }, intent: { purpose: "PURPOSE_PERMANENT_MOVE", target: "/journal" } }
  ]))
  there, reports = watched(Fingerpost::V1::WatchPolicyResponse.new(version: "v1", policy: policy.to_proto))
  asking = client(there, engine: :local)
  equal(true, asking.ready(PATIENT))
  3.times { equal("v1", asking.decide(BLOG).policy_version) }
  asking.close
  equal([1, 3, "ruby/#{Fingerpost::VERSION}"], [reports.size, reports.first.rules.sum(&:hits), reports.first.agent])
end

test "secrets stay, and come back" do
  following = Fingerpost::V1::FollowResponse.new(next: { method: "GET", url: "https://a.test/y", headers: [{ name: "Authorization" }, { name: "X-Key" }] })
  elsewhere = Fingerpost::V1::FollowResponse.new(next: { method: "GET", url: "https://b.test/y", headers: [{ name: "Authorization" }] })
  there, calls = fake(following, elsewhere)
  question = {
    request: { method: "GET", url: "https://u:p4ss@a.test/x", headers: [{ name: "Authorization", value: "s3cret" }, { name: "X-Key", value: "k3y" }] },
    response: { status: 302, headers: [{ name: "Location", value: "/y" }] }, options: { secret_fields: ["x-key"] }
  }
  asking = client(there)
  equal([%w[Authorization s3cret], %w[X-Key k3y]], asking.follow(question).next.headers.map { |line| [line.name, line.value] })
  equal(false, calls.map(&:to_proto).join.match?(/s3cret|k3y|p4ss/))
  equal("https://-@a.test/x", calls.first.request.url)
  hop = asking.follow(question)
  equal([:FALLBACK, "MALFORMED"], [hop.source, hop.error.code])
end

test "origins are compared in one spelling" do
  same = ->(one, other, *trusted) { Fingerpost::Origins.same?(one, other, trusted) }
  equal([true, true, true, true, true], [
    same.call("http://a.test", "HTTP://A.TEST:80/x"), same.call("https://bücher.test/", "https://xn--bcher-kva.test/"), same.call("http://127.1/", "http://127.0.0.1/"),
    same.call("http://[::1]/", "http://[0:0::1]/"), same.call("https://a.test/", "https://b.test/", "https://a.test", "https://b.test")
  ])
  equal([false, false, false, false, false], [
    same.call("http://a.test", "https://a.test"), same.call("https://a.test", "https://a.test:444"), same.call("https://a.test", "https://b.test", "https://b.test"),
    same.call("https://a.test", "https://a.test\\@b.test"), same.call("https://a.test@b.test", "https://a.test")
  ])
end

test "a fake answers as the service would, and can be an outage" do
  fake = Fingerpost::FakeClient.new(POLICY)
  equal(["/journal", true, "/blog"], [fake.decide(BLOG).header("location"), fake.ready, URI(fake.questions.last.request.url).path])
  fake.error = Fingerpost::Error.new("UNAVAILABLE", "down")
  equal([:PASS, :FALLBACK, 303], [fake.decide(BLOG).outcome, fake.decide(BLOG).source, fake.decide(ORDER).status])
  raises("INVALID_ARGUMENT") { Fingerpost::FakeClient.new("rules: [{}]") }
  file = Pathname.new(Dir.mktmpdir) / "policy.yaml"
  file.write(POLICY)
  equal(308, Fingerpost::FakeClient.new(file).decide(BLOG).status)
end

test "an engine that is none is said, and the service is asked" do
  Dir.mktmpdir do |folder|
    { "text" => "not ELF", "part" => File.binread(Fingerpost::Engine::LIBRARY, 100_000) }.each do |name, octets|
      File.binwrite(path = File.join(folder, name), octets)
      raises(Fingerpost::EngineError, Fingerpost::EngineError) { Fingerpost::Engine.load(path) }
    end
    libc = Dir["/lib/x86_64-linux-gnu/libm.so.6"].first
    raises(Fingerpost::EngineError, Fingerpost::EngineError) { Fingerpost::Engine.load(libc) } if libc
    raises(Fingerpost::EngineError, Fingerpost::EngineError) { Fingerpost::Engine.load(File.join(folder, "none")) }
  end
end
