package dev.postrider.template;

import dev.postrider.app.AppId;
import dev.postrider.channel.Providers;
import dev.postrider.platform.FairRoom;
import dev.postrider.platform.Overloaded;
import dev.postrider.platform.Remembered;
import dev.postrider.platform.SharedRoom;
import dev.postrider.platform.Violations;
import dev.postrider.platform.Wired;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Renders messages. What is compiled is remembered for five seconds: a publication holds here at
 * once, on other nodes within that time.
 */
@Wired
public class Templates {
  private static final Duration REMEMBERED = Duration.ofSeconds(5);

  /** For what requests that are under way have rendered: 12 Mi characters. */
  private static final int KIB = 12 * 1024;

  /**
   * For the versions that are remembered, in characters of their documents: as objects they take
   * some twenty times as much.
   */
  private static final int MOST = 2 * 1024 * 1024;

  /** What is known of a name takes as much itself. */
  private static final int A_NAME = 100;

  private final Remembered<Key, Optional<Compiled>> compiled;
  private final FairRoom room = new FairRoom(KIB);

  /** A version by number; null for the published one. */
  private record Key(AppId app, String name, @Nullable Integer version) {}

  private record Compiled(int version, int characters, Wording wording) {}

  public Templates(TemplateStore store, Providers providers) {
    // Anybody may name what is not there, or not remembered any more.
    SharedRoom lookUps = new SharedRoom(3, 2, Duration.ofMillis(1500));
    this.compiled =
        new Remembered<>(
            REMEMBERED,
            MOST,
            found -> found.map(Compiled::characters).orElse(0) + A_NAME,
            key ->
                lookUps
                    .with(
                        key.app().value(),
                        1,
                        () -> stored(store, key),
                        () -> {
                          throw new Overloaded("templates");
                        })
                    .map(it ->
                        new Compiled(
                            it.version(),
                            it.json().length(),
                            Wording.compile(it.document(), providers.channels()))));
  }

  private static Optional<StoredVersion> stored(TemplateStore store, Key key) {
    return store
        .find(key.app(), key.name())
        .flatMap(template -> {
          Integer version = key.version() == null ? template.published() : key.version();
          return version == null ? Optional.empty() : store.version(template.id(), version);
        });
  }

  /** What the messages of one request may take to be rendered. */
  public Allowance allowance(AppId app) {
    return new Allowance(app, room);
  }

  /**
   * The words of a message; null when something is wrong, which is named.
   *
   * @param channel where they go
   */
  public @Nullable Rendered render(
      AppId app, TemplateUse use, String channel, Allowance allowance, Violations violations) {
    String name = use.name();
    if (!violations.require(name != null, "template.name", "is required") || name == null) {
      return null;
    }
    if (!EditTemplates.isName(name)) {
      violations.add("template.name", "has no published version");
      return null;
    }
    Compiled found = compiled.get(new Key(app, name, use.version())).orElse(null);
    if (found == null) {
      violations.add(
          use.version() == null ? "template.name" : "template.version",
          use.version() == null ? "has no published version" : "is not a version of the template");
      return null;
    }
    return found
        .wording()
        .render(
            new Wording.Wanted(
                name,
                found.version(),
                use.locale(),
                channel,
                use.variables() == null ? Map.of() : use.variables(),
                Boolean.TRUE.equals(use.sample())),
            allowance,
            violations);
  }

  void forget() {
    compiled.forgetAll();
  }
}
