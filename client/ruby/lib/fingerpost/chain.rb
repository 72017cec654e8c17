# frozen_string_literal: true

require "uri"
require "fingerpost/client"

module Fingerpost
  # One request and the redirects that follow from it, for adapters of HTTP libraries.
  class Chain
    # The response fields that Follow reads. Set-Cookie is not among them: whoever keeps the cookies is the library, so their values stay here.
    READ = %w[location referrer-policy retry-after].freeze
    # What WHATWG's URLs have and RFC 3986 encodes.
    ENCODED = %r{[^A-Za-z0-9\-._~:/?\#@!$&'()*+,;=%]}
    private_constant :READ, :ENCODED

    # The chain has left the first origin, or the trusted ones: credentials that the caller gave for it no longer apply.
    attr_reader :left

    # Whether to ask. 304 answers a condition and leads nowhere (RFC 9110 §15.4.5); caches need it, also during an outage.
    def self.redirect?(status) = (300..399).cover?(status) && status != 304

    # `options`: V1::FollowOptions, or a hash in its JSON form.
    def initialize(client, options)
      @client = client
      @options = Questions.message(V1::FollowOptions, options)
      @secrets = Secrets.names(@options)
      @left = false
    end

    # Whether the first URL may be requested: a stop, or nil.
    def first(method, url)
      return nil unless @options.targets

      hop = @client.follow(V1::FollowRequest.new(request: V1::HttpRequest.new(method: method, url: url), options: @options, unsent: true))
      hop unless hop.next
    end

    # What to do after a redirect. `fields` and `response` are pairs; `body` is one of V1::Body.
    def hop(method:, url:, fields:, body:, status:, response:)
      @url, @fields = url, fields
      request = V1::HttpRequest.new(method: method, url: url, body: body, headers: lines(fields))
      answer = V1::HttpResponse.new(status: status, headers: lines(response.select { |name, _| READ.include?(name.downcase) }))
      hop = @client.follow(V1::FollowRequest.new(request: request, response: answer, chain: @chain, options: @options))
      hop.next ? usable(hop) : hop
    end

    # The next request's fields: with the hop's changes, and no secret outside its origin, whatever the answer and the profile say.
    def next_fields(hop)
      keep_chain(hop)
      stays = Origins.same?(@url, hop.next.url, @options.trusted_origins.to_a)
      @left ||= !stays
      kept = @fields.map { |name, value| [name, value] if stays || !@secrets.include?(name.downcase) }
      added = []
      hop.changes.each do |change|
        case change.kind
        when :CHANGE_KIND_FIELD_DROPPED then kept[change.index] = nil
        when :CHANGE_KIND_FIELD_REWRITTEN then kept[change.index] = pair(change.field) if change.field.content # Withheld: the value does not change.
        when :CHANGE_KIND_FIELD_ADDED then added << pair(change.field) if change.field.content
        end
      end
      kept.compact + added
    end

    # The content is not sent again.
    def self.drops_body?(hop) = hop.changes.any? { |change| change.kind == :CHANGE_KIND_BODY_DROPPED }

    # The next URL, as Ruby's URI takes it.
    def self.uri(url)
      authority, rest = url.match(%r{\A([a-z]+://[^/?\#]*)(.*)\z}mi)&.captures
      URI.parse("#{authority}#{rest.to_s.gsub(ENCODED) { |text| text.b.gsub(/./n) { |octet| format("%%%02X", octet.ord) } }}")
    end

    private

    def lines(fields) = fields.map { |name, value| Questions.header(name, value.to_s) }
    def pair(line) = [line.name, Answers.octets_of(line).force_encoding(Encoding::UTF_8)]

    # Without its cookies: if the chain had any, Cookie's value would travel to the service.
    def keep_chain(hop)
      return unless hop.chain

      @chain = Google::Protobuf.deep_copy(hop.chain)
      @chain.cookies.clear
    end

    # A stop if no resolver takes the next host: an empty label, or one of more than 63 octets (RFC 1035 §2.3.4).
    def usable(hop)
      host = Chain.uri(hop.next.url).hostname.to_s
      return hop if host.include?(":") || host.delete_suffix(".").split(".", -1).all? { |label| (1..63).cover?(label.bytesize) }

      unusable(hop, "its host is none")
    rescue URI::InvalidURIError => e
      unusable(hop, e.message)
    end

    def unusable(hop, why)
      hop.dup.tap do |stop|
        stop.next, stop.failed = nil, true
        stop.stop, stop.message = "INVALID_LOCATION", "the next URL cannot be requested: #{why}"
      end
    end
  end
end
