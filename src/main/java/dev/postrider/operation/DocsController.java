package dev.postrider.operation;

import dev.postrider.platform.web.Access;
import io.swagger.v3.oas.annotations.Hidden;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.webjars.WebJarVersionLocator;

/** ReDoc, from this jar alone: nothing is fetched from the internet. */
@RestController
@Hidden
class DocsController {
  private final String page =
      """
      <!doctype html>
      <html lang="en">
      <head>
        <meta charset="utf-8">
        <title>Postrider API</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <style>body { margin: 0 }</style>
      </head>
      <body>
        <redoc spec-url="/openapi.json" disable-search="false" hide-loading></redoc>
        <script src="/webjars/redoc/%s/redoc.standalone.js"></script>
      </body>
      </html>
      """
          .formatted(new WebJarVersionLocator().version("redoc"));

  @Access(Access.Who.ANYONE)
  @GetMapping(value = "/redoc", produces = MediaType.TEXT_HTML_VALUE)
  String redoc() {
    return page;
  }
}
