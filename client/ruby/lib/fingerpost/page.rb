# frozen_string_literal: true

module Fingerpost
  # What an answer adds to the fields of a page that passed: Vary and Cache-Control are merged, Set-Cookie is added.
  module Page
    DIRECTIVE = /(?:[^",]|"(?:[^"\\]|\\.)*"?)+/
    # The directives that "private" replaces (RFC 9111 §5.2.2).
    SHARED = %w[public s-maxage private].freeze

    module_function

    # Changes `headers`, Rack's hash, whose lines of one name are joined by LF.
    def add(headers, added)
      vary, caching, cookies = %w[vary cache-control set-cookie].map { |name| added.filter_map { |key, value| value if key.casecmp?(name) } }
      replace(headers, "Vary") { |own| merged_vary([*own, *vary]) } if vary.any?
      replace(headers, "Cache-Control") { |own| merged_cache_control(own, caching) } if caching.any?
      replace(headers, "Set-Cookie") { |own| [*own, *cookies].join("\n") } if cookies.any?
    end

    # Each name once, whatever its case; "*" replaces all (RFC 9110 §12.5.5).
    def merged_vary(lines)
      names = lines.flat_map { |line| line.split(",") }.map(&:strip).reject(&:empty?).uniq(&:downcase)
      names.include?("*") ? "*" : names.join(", ")
    end

    # The stricter of two: no-store before private, and private before what the page lets shared caches do (RFC 9111 §5.2.2).
    def merged_cache_control(page, added)
      own, ours = directives(page), directives(added)
      return ours.keys.join(", ") if ours.value?("no-store") && !own.value?("no-store")
      return (own.empty? ? ours : own).keys.join(", ") if !ours.value?("private") || own.value?("no-store")

      [*own.filter_map { |text, name| text unless SHARED.include?(name) }, "private"].join(", ")
    end

    # Each directive as it stands, and its name.
    def directives(lines)
      texts = lines.flat_map { |line| line.scan(DIRECTIVE) }.map(&:strip).reject(&:empty?)
      texts.to_h { |text| [text, text.partition("=").first.strip.downcase] }
    end

    # Puts what the block makes of a field's lines in their place.
    def replace(headers, name)
      key = headers.keys.find { |one| one.casecmp?(name) }
      headers[key || name] = yield(lines_of(key && headers[key]))
    end

    # An array is Rack 3's form.
    def lines_of(value) = value.is_a?(Array) ? value : value.to_s.split("\n")
  end
end
