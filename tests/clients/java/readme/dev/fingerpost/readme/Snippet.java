package dev.fingerpost.readme;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * A block of the package's README.
 *
 * @param text what it says
 * @param prints what the README says that it prints; empty: nothing
 */
public record Snippet(String text, String prints) {
  private static final Path README = Path.of(System.getenv("FINGERPOST_REPOSITORY"), "client", "java", "README.md");

  /** Between a block and its output there may be the command that runs it. */
  private static final String OUTPUT = "(?:\n(?:```sh\n[^`]*```\n\n)?It prints(?:, among other lines,)?\n\n```text\n([^`]*)```\n)?";

  private static final Pattern CLASS = Pattern.compile("^(?:public )?class (\\w+)", Pattern.MULTILINE);

  public static String readme() throws IOException {
    return Files.readString(README);
  }

  /** All blocks of a language, in order. */
  public static List<Snippet> all(String language) throws IOException {
    List<Snippet> found = new ArrayList<>();
    Matcher one = Pattern.compile("```" + language + "\n(.*?)```\n" + OUTPUT, Pattern.DOTALL).matcher(readme());
    while (one.find()) {
      found.add(new Snippet(one.group(1), one.group(2) == null ? "" : one.group(2)));
    }
    return found;
  }

  /** The class's name. */
  public String name() {
    Matcher found = CLASS.matcher(text);
    if (!found.find()) {
      throw new AssertionError(text);
    }
    return found.group(1);
  }

  /** Compiles it into a folder, as Maven does. */
  public void compile(Path folder) {
    var source =
        new SimpleJavaFileObject(URI.create("string:///" + name() + ".java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
          }
        };
    var options = List.of("-d", folder.toString(), "-classpath", System.getProperty("java.class.path"), "-proc:none", "-parameters", "-Xlint:all,-classfile", "-Werror");
    StringWriter said = new StringWriter();
    if (!ToolProvider.getSystemJavaCompiler().getTask(said, null, null, options, null, List.of(source)).call()) {
      throw new AssertionError(text + said);
    }
  }

  /** The test's name. */
  @Override
  public String toString() {
    return name();
  }
}
