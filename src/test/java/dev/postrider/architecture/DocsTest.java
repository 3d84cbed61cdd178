package dev.postrider.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postrider.channel.sandbox.Script;
import dev.postrider.message.Dispatch;
import dev.postrider.platform.Problem;
import dev.postrider.platform.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The documents say what the code does. */
class DocsTest {
  private static String doc(String name) throws IOException {
    return Files.readString(Path.of("docs", name));
  }

  @Test
  void theStatusDiagramIsTheTable() throws IOException {
    List<String> table = new ArrayList<>();
    for (Dispatch from : Dispatch.values()) {
      for (Dispatch to : Dispatch.values()) {
        if (from.canBecome(to)) {
          table.add("    " + from + " --> " + to);
        }
      }
    }
    List<String> drawn =
        doc("message-status.md")
            .lines()
            .filter(it -> it.matches("    [A-Z_]+ --> [A-Z_]+"))
            .toList();
    assertThat(drawn).containsExactlyInAnyOrderElementsOf(table);
  }

  @Test
  void everyProblemHasASection() throws IOException {
    String problems = doc("problems.md");
    for (Problem problem : Problem.values()) {
      assertThat(problems).contains("\n## " + problem.code() + "\n");
    }
  }

  @Test
  void everySettingIsDescribed() throws IOException {
    String configuration = doc("configuration.md");
    assertThat(Settings.VARIABLES)
        .allSatisfy(it -> assertThat(configuration).contains("`" + it + "`"));
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        dev.postrider.queue.QueueSettings.class,
        dev.postrider.message.MessageSettings.class,
        dev.postrider.delivery.DeliverySettings.class,
        dev.postrider.circuit.CircuitSettings.class,
        dev.postrider.event.EventSettings.class,
        dev.postrider.webhook.WebhookSettings.class,
        dev.postrider.live.LiveSettings.class
      })
  void everyPropertyIsDescribed(Class<?> settings) throws IOException {
    String configuration = doc("configuration.md");
    String prefix =
        settings
            .getAnnotation(
                org.springframework.boot.context.properties.ConfigurationProperties.class)
            .value();
    for (var component : settings.getRecordComponents()) {
      String name =
          component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
      assertThat(configuration).contains("`" + prefix + "." + name + "`");
    }
  }

  @Test
  void theSandboxTableIsTheScript() throws IOException {
    String sandbox = doc("sandbox.md");
    for (Script script : Script.values()) {
      assertThat(sandbox).contains(script.digits()).contains(script.story());
    }
  }

  @Test
  void linksLeadSomewhere() throws IOException {
    List<Path> documents = new ArrayList<>();
    try (Stream<Path> docs = Files.walk(Path.of("docs"));
        Stream<Path> root = Files.list(Path.of("."))) {
      Stream.concat(docs, root).filter(it -> it.toString().endsWith(".md")).forEach(documents::add);
    }
    for (Path file : documents) {
      Matcher link = Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)").matcher(Files.readString(file));
      while (link.find()) {
        assertThat(file.toAbsolutePath().resolveSibling(link.group(1)).normalize())
            .as("link in " + file)
            .exists();
      }
    }
  }
}
