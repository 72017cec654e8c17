import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import javax.net.ssl.HttpsURLConnection;

/** java.net.HttpURLConnection with its defaults. */
public final class HttpUrlConnectionDriver implements Driver.Client {
  public HttpUrlConnectionDriver() throws Exception {
    HttpsURLConnection.setDefaultSSLSocketFactory(Driver.tls().getSocketFactory());
  }

  @Override
  public String version() {
    return "OpenJDK " + Runtime.version();
  }

  @Override
  public int send(Driver.Question question) throws Exception {
    HttpURLConnection connection = (HttpURLConnection) URI.create(question.url).toURL().openConnection();
    connection.setConnectTimeout(8000);
    connection.setReadTimeout(8000);
    connection.setRequestMethod(question.method);
    question.headers.forEach(field -> connection.addRequestProperty(field.get(0), field.get(1)));
    byte[] octets = question.octets();
    if (octets != null) {
      connection.setDoOutput(true);
      if (question.one_shot) {
        connection.setFixedLengthStreamingMode(octets.length);
      }
      try (OutputStream out = connection.getOutputStream()) {
        out.write(octets);
      }
    }
    // Without it a response is all that getResponseCode() asks for, and it hides errors of a redirect.
    connection.getInputStream().close();
    return connection.getResponseCode();
  }
}
