# frozen_string_literal: true

require "fingerpost/answers"
require "fingerpost/origins"

module Fingerpost
  # Secrets stay where they are (client/README.md, 6): the service sees that a field exists, but never its value.
  module Secrets
    # RFC 9110 §11.6.2 and §11.7.2, and RFC 6265.
    ALWAYS = %w[authorization proxy-authorization cookie].freeze
    # Everything before the last "@" of the authority, as a URL parser finds it (URL Standard, 4.4).
    USERINFO = %r{\A([^:/\\?\#]*:[/\\]*)([^/\\?\#]+)@}
    # Our own rules. A caller that names another client's profile wants to learn what that client would do.
    OURS = %i[PROFILE_UNSPECIFIED PROFILE_STRICT].freeze
    GONE = %i[CHANGE_KIND_FIELD_DROPPED CHANGE_KIND_FIELD_REWRITTEN].freeze

    module_function

    # The fields that do not leave their origin, in lower case.
    def names(options) = ALWAYS | (options ? options.secret_fields.map(&:downcase) : [])

    # `url` with "-" for a user name and a password: the service learns that they were there.
    def without_userinfo(url) = url.sub(USERINFO, '\1-@')

    # `question` as it travels.
    def withheld(question)
      return question unless question.request

      secret = names(question.options)
      secret -= %w[cookie] - declared(question) if keeps_cookies?(question)
      sent = Google::Protobuf.deep_copy(question)
      sent.request.url = without_userinfo(question.request.url)
      sent.request.headers.each { |line| line.clear_content if secret.include?(line.name.downcase) }
      sent
    end

    # The service needs Cookie's value only to join it with the cookies that it keeps.
    def keeps_cookies?(question)
      question.chain&.cookies&.any? || question.response&.headers&.any? { |line| line.name.casecmp?("set-cookie") }
    end

    def declared(question) = question.options ? question.options.secret_fields.map(&:downcase) : []

    # Gives the fields of `answer.next` the values that they had, as its changes say, and an Authorization that a profile makes of the URL's userinfo its
    # value, on the same origin. Raises Error for changes of fields that do not exist, and for an answer that would take a secret to another origin.
    def put_back(question, answer)
      lines = question.request ? question.request.headers : []
      url = question.request ? question.request.url : ""
      basic = answer.next && Origins.same?(url, answer.next.url) ? basic_of(url) : nil
      gone, adds_basic = changed(lines, answer, basic)
      return unless answer.next

      kept = lines.each_with_index.filter_map { |line, index| line unless gone.include?(index) }.group_by { |line| line.name.downcase }
      refuse_leaving(question, answer, url, kept)
      answer.next.headers.each { |line| restore(line, kept[line.name.downcase], adds_basic && basic) }
    end

    # The indexes of the fields whose values are gone, and whether Basic credentials were added.
    def changed(lines, answer, basic)
      gone, adds_basic = [], false
      answer.changes.each do |change|
        if change.kind == :CHANGE_KIND_FIELD_ADDED && basic && withheld_basic?(change.field)
          change.field.value = basic
          adds_basic = true
        end
        next unless GONE.include?(change.kind)
        raise Error.malformed("a change of a field that does not exist") if change.index >= lines.size

        gone << change.index if change.kind == :CHANGE_KIND_FIELD_DROPPED || change.field&.content
      end
      [gone, adds_basic]
    end

    # Applying the changes would send the secret there, so the answer is malformed.
    def refuse_leaving(question, answer, url, kept)
      options = question.options
      return unless options.nil? || OURS.include?(options.profile)
      return if Origins.same?(url, answer.next.url, options ? options.trusted_origins.to_a : [])

      leaving = names(options) & kept.keys
      raise Error.malformed("#{leaving.sort.join(", ")} would leave the origin") if leaving.any?
    end

    def restore(line, values, basic)
      if line.content.nil? && values&.any?
        value = values.shift
        value.content == :raw_value ? line.raw_value = value.raw_value : (line.value = value.value if value.content)
      elsif basic && withheld_basic?(line)
        line.value = basic
      end
    end

    # For userinfo that the service never saw, it adds a field without a value.
    def withheld_basic?(line) = line && line.content.nil? && line.name.casecmp?("authorization")

    # The Basic credentials that a client makes of its URL's userinfo (RFC 7617), percent-decoded; nil without one.
    def basic_of(url)
      found = url.match(USERINFO) or return nil
      user, _, password = found[2].partition(":")
      octets = [user, password].map { |part| part.b.gsub(/%(\h\h)/) { Regexp.last_match(1).hex.chr } }.join(":")
      "Basic #{[octets].pack("m0")}"
    end
  end
end
