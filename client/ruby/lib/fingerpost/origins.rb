# frozen_string_literal: true

require "fingerpost/hosts"

module Fingerpost
  # Origins (RFC 6454 §4). The client compares them itself: nobody else decides whether a secret may travel.
  module Origins
    # The authority ends where a URL parser ends it. A host with characters that parsers read differently ("\", "%", a second "@") has no origin.
    AUTHORITY = %r{\A(https?)://(?:[^/?\#\\]*@)?(\[[0-9a-f:.]+\]|[^\x00-\x20/?\#\\@:\[\]<>^|%\x7f]+)(?::([0-9]{0,5}))?(?=[/?\#]|\z)}i
    PORTS = { "http" => 80, "https" => 443 }.freeze

    module_function

    # Scheme, host and effective port of an http or https URL, in one spelling. Nil: it cannot be told.
    def origin(url)
      scheme, host, port = url.match(AUTHORITY)&.captures
      host &&= Hosts.host(host)
      host && [scheme.downcase, host, port.to_s.empty? ? PORTS[scheme.downcase] : port.to_i]
    end

    # Whether a secret of `url`'s origin may go to `other`: it is the same origin, or both are `trusted`.
    def same?(url, other, trusted = [])
      one, two = origin(url), origin(other)
      return false if one.nil? || two.nil?

      among = trusted.map { |each| origin(each) }
      one == two || (among.include?(one) && among.include?(two))
    end
  end
end
