import com.google.gson.Gson;
import com.google.gson.JsonObject;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** The Java clients: a JSON request a line in, how the client said it ended out. */
public final class Driver {
  /** A request; content is null without one. */
  static final class Question {
    String method;
    String url;
    List<List<String>> headers;
    String content;
    boolean one_shot;

    byte[] octets() {
      return content == null ? null : content.getBytes(StandardCharsets.UTF_8);
    }
  }

  /** A client under test. */
  interface Client {
    String version();

    int send(Question question) throws Exception;
  }

  private static List<String> asked;

  /** Whether the client shall keep cookies. */
  static boolean hasJar() {
    return has("jar");
  }

  /** Whether the client shall have this switch. */
  static boolean has(String word) {
    return asked.contains(word);
  }

  public static void main(String[] arguments) throws Exception {
    asked = List.of(arguments).subList(1, arguments.length);
    Client client = (Client) Class.forName(arguments[0]).getDeclaredConstructor().newInstance();
    emit("version", client.version());
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      try {
        emit("status", client.send(new Gson().fromJson(line, Question.class)));
      } catch (Exception error) {
        Throwable cause = error.getCause();
        emit("error", error + (cause == null ? "" : " (" + cause + ")"));
      }
    }
  }

  private static void emit(String key, Object value) {
    JsonObject line = new JsonObject();
    line.add(key, new Gson().toJsonTree(value));
    System.out.println(line);
  }

  /** Trusts the test's authority alone. */
  static X509TrustManager trust() throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null);
    try (FileInputStream pem = new FileInputStream(System.getenv("CA_FILE"))) {
      store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return (X509TrustManager) factory.getTrustManagers()[0];
  }

  static SSLContext tls() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new X509TrustManager[] {trust()}, null);
    return context;
  }
}
