# frozen_string_literal: true

# The driver of client/contract: one JSON object from each line, and one answer to each.

require "fingerpost"
require "json"

# One client at a time.
class Driver
  def answer(line)
    op = line.delete("op")
    case op
    when "open" then open(**line.transform_keys(&:to_sym))
    when "ready" then { ready: @client.ready(line["timeout_ms"] / 1000.0) }
    when "decide", "follow" then asked(op, line["question"])
    when "policy" then @client.policy.then { |policy| { state: policy.state, version: policy.version, problems: policy.problems } }
    when "close" then @client.close.then { { ok: true } }
    else raise "unknown op: #{op}"
    end
  end

  private

  # Members that are absent, or null, have the gem's own defaults.
  def open(address:, engine: nil, on_error: nil, timeout_ms: nil, policy_file: nil, **)
    @client&.close
    given = { engine: engine&.to_sym, on_error: on_error&.to_sym, timeout: timeout_ms && (timeout_ms / 1000.0), policy_file: policy_file }.compact
    @client = Fingerpost::Client.new(address, Fingerpost.plaintext, **given)
    { ok: true }
  end

  def asked(op, question)
    answer = @client.public_send(op, question)
    { answer: seen(op, answer), source: answer.source, **(answer.error ? { error: error_of(answer.error) } : {}) }
  rescue Fingerpost::Error => e
    { error: error_of(e) }
  rescue TypeError => e # A question that is no object.
    { error: { code: "INVALID_ARGUMENT", message: e.message } }
  end

  # The message, with the outcome as the gem's user sees it.
  def seen(op, answer)
    shown = answer.raw ? JSON.parse(answer.raw.class.encode_json(answer.raw, preserve_proto_fieldnames: true)) : {}
    op == "decide" ? shown.merge("outcome" => "OUTCOME_#{answer.outcome}") : shown
  end

  def error_of(error) = { code: error.code, reason: error.reason, violations: error.violations.map { |one| { field: one.field } } }
end

driver = Driver.new
$stdout.sync = true
$stdin.each_line { |line| puts JSON.generate(driver.answer(JSON.parse(line))) }
