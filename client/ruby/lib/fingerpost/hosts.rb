# frozen_string_literal: true

require "ipaddr"

module Fingerpost
  # Hosts in one spelling.
  module Hosts
    NUMBER = /\A(?:[0-9]+|0x[0-9a-f]*)\z/
    BASE, TMIN, TMAX, SKEW, DAMP = 36, 1, 26, 38, 700
    DIGITS = [*"a".."z", *"0".."9"].freeze

    module_function

    # An address, or a domain in its ASCII form (URL Standard, "host parsing"); nil for neither.
    def host(text)
      return IPAddr.new(text[1..-2], Socket::AF_INET6).to_s if text.start_with?("[")

      labels = text.downcase.unicode_normalize(:nfkc).tr("\u3002", ".").split(".", -1)
      # "127.1" and "0x7f.1" are addresses, too.
      return address(labels) if (labels.last.empty? ? labels[-2] : labels.last).to_s.match?(NUMBER)

      ascii(labels)
    rescue IPAddr::Error, EncodingError, ArgumentError
      nil
    end

    # A selector's host as the service spells it: "*.Example.com." is ".example.com".
    def selected(text)
      text = text.unicode_normalize(:nfkc).downcase.delete_suffix(".")
      text = text[1..] if text.start_with?("*.")
      return "[#{IPAddr.new(text[1..-2], Socket::AF_INET6)}]" if text.start_with?("[")

      ascii(text.split(".", -1))
    rescue IPAddr::Error, EncodingError, ArgumentError
      text
    end

    def ascii(labels) = labels.map { |label| label.ascii_only? ? label : "xn--#{punycode(label)}" }.join(".")

    # As inet_aton(3) reads it.
    def address(labels)
      labels = labels[0..-2] if labels.last.empty?
      *first, last = labels.map { |label| number(label) }
      raise ArgumentError unless labels.size <= 4 && first.all? { |part| part < 256 } && last < 256**(4 - first.size)

      ((first.each_with_index.sum { |part, index| part << (24 - (8 * index)) }) + last).then { |octets| IPAddr.new(octets, Socket::AF_INET).to_s }
    end

    def number(text)
      return "0#{text[2..]}".hex if text.match?(/\A0x[0-9a-f]*\z/)

      Integer(text, text.match?(/\A0./) ? 8 : 10)
    end

    # RFC 3492 §6.3.
    def punycode(label)
      points = label.codepoints
      out = points.select { |point| point < 128 }.map(&:chr)
      basic = handled = out.size
      out << "-" if basic.positive?
      value, delta, bias = 128, 0, 72
      while handled < points.size
        least = points.select { |point| point >= value }.min
        delta += (least - value) * (handled + 1)
        value = least
        points.each do |point|
          delta += 1 if point < value
          next unless point == value

          out.concat(digits(delta, bias))
          bias = adapted(delta, handled + 1, handled == basic)
          delta = 0
          handled += 1
        end
        delta += 1
        value += 1
      end
      out.join
    end

    def digits(delta, bias)
      found = []
      (BASE..).step(BASE) do |k|
        threshold = (k - bias).clamp(TMIN, TMAX)
        return found << DIGITS[delta] if delta < threshold

        found << DIGITS[threshold + ((delta - threshold) % (BASE - threshold))]
        delta = (delta - threshold) / (BASE - threshold)
      end
    end

    def adapted(delta, points, first)
      delta = first ? delta / DAMP : delta / 2
      delta += delta / points
      k = 0
      while delta > ((BASE - TMIN) * TMAX) / 2
        delta /= BASE - TMIN
        k += BASE
      end
      k + (((BASE - TMIN + 1) * delta) / (delta + SKEW))
    end
  end
end
