package dev.postrider;

import dev.postrider.platform.SettingsException;
import dev.postrider.platform.Text;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.context.ConfigurableApplicationContext;

/** Keeps Spring Boot quiet about a bad setting: {@code main} says it in one line. */
public final class StartFailureReporter implements SpringBootExceptionReporter {

  public StartFailureReporter(@Nullable ConfigurableApplicationContext ignored) {}

  @Override
  public boolean reportException(Throwable failure) {
    return setting(failure) != null;
  }

  static @Nullable SettingsException setting(Throwable failure) {
    SettingsException setting = find(SettingsException.class, failure);
    if (setting != null) {
      return setting;
    }
    BindException bind = find(BindException.class, failure);
    return bind == null ? null : unreadable(bind);
  }

  private static <T extends Throwable> @Nullable T find(Class<T> type, Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return type.cast(cause);
      }
    }
    return null;
  }

  private static SettingsException unreadable(BindException bind) {
    ConfigurationProperty property = bind.getProperty();
    String name = property == null ? bind.getName().toString() : property.getName().toString();
    return new SettingsException(
        name,
        property == null
            ? "cannot be read"
            : "is '"
                + Text.cleaned(property.getValue().toString(), 100)
                + "', which is no "
                + word(bind.getTarget().getType().resolve(Object.class)),
        "See docs/configuration.md.");
  }

  private static String word(Class<?> type) {
    return switch (type.getSimpleName()) {
      case "Duration" -> "time such as 500ms, 30s or 5m";
      case "int", "long" -> "whole number";
      default -> type.getSimpleName();
    };
  }
}
