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
    for name, field in pairs({ vary = "vary", cookie = "set-cookie", cache = "cache-control" }) do
      local values = answer.headers[field]
      if values then
        txn:set_var("txn.fingerpost_" .. name, values[0])
      end
    end
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
