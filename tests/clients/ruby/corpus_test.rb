# frozen_string_literal: true

# Every row of tests/golden by the service and by the engine: as the row expects, and both to the last octet alike (tests/golden/README.md is the format).

require_relative "support"

address = service
BOTH = [client(address, on_error: :raise), client(address, engine: :local, on_error: :raise)].freeze
BOTH.each { |one| one.ready(PATIENT) || raise("no service") }

def rows(kind)
  Dir["#{ROOT}/tests/golden/#{kind}/*.json"].flat_map { |file| JSON.parse(File.read(file)).flat_map { |row| expanded(row) } }
end

# A row for each combination of the values of "for".
def expanded(row)
  axes = row.fetch("for", {})
  first, *others = axes.values
  return [row] unless first

  first.product(*others).map { |values| substituted(row.except("for"), axes.keys.zip(values).to_h) }
end

def substituted(value, chosen)
  case value
  when Hash then value.to_h { |key, item| [substituted(key, chosen), substituted(item, chosen)] }
  when Array then value.map { |item| substituted(item, chosen) }
  when String
    whole = value.match(/\A\$\{([^}]+)\}\z/)
    return looked_up(whole[1], chosen) if whole && chosen.key?(whole[1].split(".").first)

    value.gsub(/\$\{([^}]+)\}/) { |text| chosen.key?(Regexp.last_match(1).split(".").first) ? bare(looked_up(Regexp.last_match(1), chosen)) : text }
  else value
  end
end

def looked_up(path, chosen) = path.split(".").reduce(chosen) { |value, part| value.fetch(part) }
def bare(value) = value.is_a?(Hash) && value.key?("name") ? value["name"] : value.is_a?(String) ? value : JSON.generate(value) # rubocop:disable Style/NestedTernaryOperator

# The octets of an answer, or the error.
def outcome_of(asked, kind, question)
  answer = asked.public_send(kind, question).raw
  [answer.class.encode(answer), answer]
rescue Fingerpost::Error, TypeError => e
  [[e.message, e.is_a?(Fingerpost::Error) ? e.reason : "", e.is_a?(Fingerpost::Error) ? e.violations : []], e]
end

# What is not as the row expects, in the members that a caller looks at first; the contract compares the rest.
def differences(expect, answer)
  return refused(expect, answer) if answer.is_a?(Exception)
  return ["expected an error"] if expect["error"]

  shown = JSON.parse(answer.class.encode_json(answer, preserve_proto_fieldnames: true))
  wrong = %w[status body target].select { |key| expect.key?(key) && shown.fetch(key, key == "status" ? 0 : "") != expect[key] }
  wrong << "outcome" if expect["outcome"] && !shown["outcome"].to_s.end_with?(expect["outcome"].upcase)
  wrong + [[expect, shown], [expect["next"], shown["next"]]].flat_map { |want, got| fields_of(want, got) }
end

def refused(expect, error)
  return [] if expect["stays_on"] && error.is_a?(Fingerpost::Error) && error.code == "INVALID_ARGUMENT"
  return [error.message] unless expect["error"]

  want = expect["error"]["violations"]
  # A row that is no message never leaves the client.
  message = error.is_a?(Fingerpost::Error) && error.reason != "MALFORMED_JSON"
  want && message && want != error.violations.map(&:field) ? ["expected #{want}, got #{error.message}"] : []
end

def fields_of(want, got)
  return [] unless want.is_a?(Hash)

  want.fetch("fields", {}).filter_map do |name, value|
    lines = (got || {}).fetch("headers", []).select { |line| line["name"].casecmp?(name) }.map { |line| line["value"] || line["raw_value"] || true }
    "#{name}: expected #{value.inspect}, got #{lines.inspect}" if lines != (value.nil? ? [] : [value].flatten)
  end
end

%w[decide follow].each do |kind|
  test "every row of #{kind} has the service's own answer here, and the row's" do
    different = rows(kind).flat_map do |row|
      question = row[kind]
      question = { "now" => "2026-11-30T00:00:00Z", **(kind == "decide" ? { "draw" => 7 } : {}), **question } if question.is_a?(Hash)
      (theirs, answer), (ours,) = BOTH.map { |asked| outcome_of(asked, kind, question) }
      wrong = differences(row["expect"], answer)
      wrong << "the engine says #{ours.inspect}, the service #{theirs.inspect}" if ours != theirs
      wrong.map { |one| "#{row["name"]}: #{one}" }
    end
    equal([], different.first(5))
    equal(true, rows(kind).size > 100)
  end
end
