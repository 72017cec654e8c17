package dev.fingerpost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's Java is Java. Spring's controllers are left out: the example shop has the same. */
class ReadmeTest {
  private static final String BEFORE =
      """
      import dev.fingerpost.*;
      import java.net.http.*;
      import java.net.http.HttpResponse.BodyHandlers;
      import okhttp3.OkHttpClient;
      class Snippet {
        static Client client;
        static HttpRequest request;
        void run() throws Exception {
      """;

  @Test
  void everySnippetCompiles(@TempDir Path folder) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    int count = 0;
    for (String snippet : snippets()) {
      if (snippet.startsWith("@")) {
        continue;
      }
      count++;
      StringWriter said = new StringWriter();
      var options = List.of("-d", folder.toString(), "-classpath", System.getProperty("java.class.path"), "-proc:none");
      assertTrue(compiler.getTask(said, null, null, options, null, List.of(source(BEFORE + snippet + "}}"))).call(), () -> snippet + said);
    }
    assertEquals(5, count);
  }

  private static JavaFileObject source(String text) {
    return new SimpleJavaFileObject(URI.create("string:///Snippet.java"), JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return text;
      }
    };
  }

  private static List<String> snippets() throws IOException {
    List<String> found = new ArrayList<>();
    Matcher one = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(Service.REPOSITORY.resolve("client/java/README.md")));
    while (one.find()) {
      found.add(one.group(1));
    }
    return found;
  }
}
