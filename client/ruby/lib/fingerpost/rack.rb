# frozen_string_literal: true

require "fingerpost/middleware"
require "fingerpost/web"

module Fingerpost
  # Rack: `fingerpost.redirect(env, :form_result, "/orders/7829/confirmation", flash: "Order placed")` is a response.
  class Rack
    # `fields`, `trust_proxy`: Web::Reader.
    def initialize(client, fields: [], trust_proxy: false)
      @client = client
      @reader = Web::Reader.new(fields: fields, trust_proxy: trust_proxy)
    end

    # The response to an intent. `modifiers` are those of Intent; `flash` is a text. 400 for an unsafe redirect, 503 without an answer, with generic texts;
    # raises Error if the program is wrong, NotSent if the answer is no response.
    def redirect(env, purpose, target = "", **modifiers) = answered(env, Web.intent(purpose, target, modifiers))

    # The response to one of the policy's named intents.
    def named(env, intent_name, **parameters) = answered(env, Web.named(intent_name, parameters))

    # Back to where a login came from, if that is safe; to `or_` if it is unsafe or missing.
    def back(env, to, or_ = "/")
      first, *others = Web.ways_back(to, or_)
      response = answered(env, first)
      response.first == 400 && others.any? ? answered(env, others.first) : response
    end

    # The flash message, once: `headers`, those of the page, get the line that clears it. Anybody could have written it: escape it.
    def flash(env, headers)
      text, clear = Web.flash(env)
      Page.add(headers, [["Set-Cookie", clear]]) unless clear.empty?
      text
    end

    private

    def answered(env, wish)
      Web.response(@client.decide(@reader.question(env, wish)))
    rescue Error => e
      Middleware.plain(Web.status_of(e))
    end
  end
end
