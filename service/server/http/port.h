// What the connections of an HTTP port have in common, and how long each may take for what.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "server/http/hosts.h"
#include "server/http/server.h"

namespace fingerpost {

using Moment = std::chrono::steady_clock::time_point;

class HttpSession;

// Belongs to the thread of the port; so do its sessions.
class HttpPort {
 public:
  HttpPort(HttpOptions options, HttpHandler handler);
  virtual ~HttpPort() = default;
  HttpPort(const HttpPort&) = delete;
  HttpPort& operator=(const HttpPort&) = delete;

  // The limit has refused or ended a connection of that peer.
  virtual void Reached(HttpLimit limit, const std::string& peer) = 0;
  // Whether answers end their connections.
  [[nodiscard]] virtual bool Leaves() const = 0;
  // The field Date.
  [[nodiscard]] const std::string& Date();
  // Whether all sessions may hold so many octets more, for `session`; others that hold more and
  // have not sent all are ended for that.
  [[nodiscard]] bool MakeRoom(int64_t octets, const HttpSession& session);

  const HttpOptions options;
  const HttpHandler handler;
  const HttpHosts hosts;
  boost::asio::io_context io{1};
  boost::asio::thread_pool workers;
  std::unordered_set<HttpSession*> sessions;
  // Connections that are not over, in all and for each host; a session may outlive its own.
  int open = 0;
  std::unordered_map<std::string, int> per_host;
  int64_t held = 0;       // octets, of all sessions
  bool stopping = false;  // No request is waited for any more.

 private:
  std::time_t date_at_ = 0;
  std::string date_;
};

// A session is there as long as its connection is, or its request is worked on. It always waits for
// exactly one thing: an operation of the connection, or a worker.
class HttpSession {
 public:
  virtual ~HttpSession();
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;

  // Ends what takes too long.
  void Look(Moment now);
  // Whoever is to send something has until then.
  void Hurry(Moment until);
  // Ends the connection at once; what is not sent is lost.
  void Cut();

  // Whether it waits for its client to ask.
  [[nodiscard]] bool waits_for_client() const;
  // Whether it holds content that is not complete.
  [[nodiscard]] bool GivesWay() const;
  // Whether any request has come, or any octet.
  [[nodiscard]] bool has_asked() const { return has_asked_; }
  [[nodiscard]] bool has_spoken() const { return has_spoken_; }
  // How long it has been in its present state.
  [[nodiscard]] Moment since() const { return since_; }
  [[nodiscard]] int64_t held() const { return held_; }
  [[nodiscard]] const std::string& host() const { return host_; }
  [[nodiscard]] const std::string& peer() const { return peer_; }

 protected:
  enum class State { kShaking, kSilent, kIdle, kHead, kContent, kWork, kWrite, kClosing, kOver };

  // `host`: whom it counts for. The port outlives the session.
  HttpSession(HttpPort& port, std::string peer, std::string host);

  virtual boost::asio::ip::tcp::socket& Socket() = 0;

  void Enter(State state);
  // Whether it may hold so many octets, instead of what it has held.
  [[nodiscard]] bool Hold(size_t octets);
  // Counts what took too long.
  void Reached(HttpLimit limit);

  HttpPort& port_;
  State state_ = State::kSilent;
  bool late_ = false;
  bool has_asked_ = false;
  const Moment begin_;

 private:
  [[nodiscard]] std::chrono::milliseconds Patience(State state) const;
  // Its connection is over and counts no more.
  void Leave();

  const std::string peer_;
  const std::string host_;
  Moment since_;
  Moment deadline_;
  int64_t held_ = 0;
  bool has_spoken_ = false;
};

}  // namespace fingerpost
