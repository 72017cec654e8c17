#include "server/tls_client.h"

#include <curl/curl.h>

#include <memory>

#include "server/raw_call.h"

namespace fingerpost::testing {
namespace {

size_t Append(char* data, size_t size, size_t count, void* out) {
  static_cast<std::string*>(out)->append(data, size * count);
  return size * count;
}

size_t Ignore(char* /*data*/, size_t size, size_t count, void* /*out*/) { return size * count; }

}  // namespace

TlsAnswer AskOverTls(const std::string& address, const std::string& host, const std::string& path,
                     const std::string& authorities, const std::string& client) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> call(curl_easy_init(),
                                                                 curl_easy_cleanup);
  const std::string port = address.substr(address.rfind(':') + 1);
  const std::string url = "https://" + host + ":" + port + path;
  const std::string place = host + ":" + port + ":127.0.0.1";
  curl_slist* const places = curl_slist_append(nullptr, place.c_str());
  TlsAnswer answer;
  curl_easy_setopt(call.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(call.get(), CURLOPT_RESOLVE, places);
  curl_easy_setopt(call.get(), CURLOPT_NOPROXY, "*");
  curl_easy_setopt(call.get(), CURLOPT_TIMEOUT, static_cast<long>(kPatience.count()));
  curl_easy_setopt(call.get(), CURLOPT_CAINFO, authorities.c_str());
  curl_easy_setopt(call.get(), CURLOPT_CERTINFO, 1L);
  if (!client.empty()) {
    curl_easy_setopt(call.get(), CURLOPT_SSLCERT, (client + ".pem").c_str());
    curl_easy_setopt(call.get(), CURLOPT_SSLKEY, (client + ".key").c_str());
  }
  curl_easy_setopt(call.get(), CURLOPT_HEADERFUNCTION, Append);
  curl_easy_setopt(call.get(), CURLOPT_HEADERDATA, &answer.head);
  curl_easy_setopt(call.get(), CURLOPT_WRITEFUNCTION, Ignore);
  const CURLcode fault = curl_easy_perform(call.get());
  if (fault != CURLE_OK) answer.fault = curl_easy_strerror(fault);
  curl_easy_getinfo(call.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  curl_certinfo* chain = nullptr;
  curl_easy_getinfo(call.get(), CURLINFO_CERTINFO, &chain);
  if (chain != nullptr && chain->num_of_certs > 0) answer.server = chain->certinfo[0]->data;
  curl_slist_free_all(places);
  return answer;
}

}  // namespace fingerpost::testing
