package dev.postrider.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Starts the service with classes laid over the packaged ones: a class loader of its own has what
 * is ours, from the folder where it is there, and all else comes as it is packaged. The class path
 * begins as the packaged service's does, so one cache serves the starts of all ({@link
 * StartCache}).
 */
final class Overlaid extends ClassLoader {
  static final String FOLDER = "postrider.overlay";

  private static final String OURS = "dev.postrider.";

  static {
    registerAsParallelCapable();
  }

  private final Path folder;

  private Overlaid(Path folder) {
    super(Overlaid.class.getClassLoader());
    this.folder = folder;
  }

  public static void main(String[] arguments) throws ReflectiveOperationException {
    ClassLoader loader = new Overlaid(Path.of(System.getProperty(FOLDER)));
    Thread.currentThread().setContextClassLoader(loader);
    loader
        .loadClass(OURS + "PostriderApplication")
        .getMethod("main", String[].class)
        .invoke(null, (Object) arguments);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(OURS)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? findClass(name) : loaded;
    }
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    String file = name.replace('.', '/') + ".class";
    try (InputStream in = open(file)) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] bytes = in.readAllBytes();
      return defineClass(name, bytes, 0, bytes.length);
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }

  private @Nullable InputStream open(String file) throws IOException {
    Path laid = folder.resolve(file);
    return Files.exists(laid) ? Files.newInputStream(laid) : getParent().getResourceAsStream(file);
  }
}
