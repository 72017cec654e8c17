-- Asks Fingerpost about the request; its redirect is the answer, 204 stands for "go on".

-- What a client writes into these fields is not sent on.
local FORGED = { "x-original-method", "x-original-uri", "x-original-url" }
-- HAProxy writes these itself.
local OWN = { ["connection"] = true, ["content-length"] = true, ["expect"] = true, ["keep-alive"] = true, ["transfer-encoding"] = true }

core.register_action("fingerpost", { "http-req" }, function(txn)
  local fields = txn.http:req_get_headers()
  if not fields["host"] then
    return
  end
  for _, name in ipairs(FORGED) do
    fields[name] = nil
  end
  fields["x-forwarded-method"] = { txn.sf:method() }
  fields["x-forwarded-uri"] = { txn.sf:pathq() }
  fields["x-forwarded-host"] = fields["host"]
  fields["x-forwarded-proto"] = { txn.sf:ssl_fc() == "1" and "https" or "http" }
  for name in pairs(OWN) do
    fields[name] = nil
  end

  local answer = core.httpclient():get({ url = "http://127.0.0.1/v1/gateway", dst = "abns@fingerpost", headers = fields, timeout = 1000 })
  local status = answer and answer.status or 0
  if status == 204 then
    txn:set_priv(answer.headers)
    txn:set_var("txn.fingerpost_fields", answer.headers["vary"] ~= nil)
  elseif status >= 200 and status < 500 and status ~= 429 then
    local reply = txn:reply({ status = status, body = answer.body })
    for name, values in pairs(answer.headers) do
      for i = 0, OWN[name] and -1 or #values do
        reply:add_header(name, values[i])
      end
    end
    txn:done(reply)
  end
end)

-- What the policy adds to a page that it lets pass; where it adds anything, there is Vary.
core.register_action("fingerpost_fields", { "http-res" }, function(txn)
  for _, name in ipairs({ "vary", "set-cookie", "cache-control" }) do
    local values = txn:get_priv()[name]
    for i = 0, values and #values or -1 do
      txn.http:res_add_header(name, values[i])
    end
  end
end)
