package dev.postrider.platform.web;

import dev.postrider.platform.Problem;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Map;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** What fails before a controller is found (a broken path, a refused header) is a problem too. */
@RestController
@io.swagger.v3.oas.annotations.Hidden
class ProblemErrorController implements ErrorController {

  @Access(Access.Who.ANYONE)
  @RequestMapping("${server.error.path:${error.path:/error}}")
  ResponseEntity<Map<String, Object>> error(HttpServletRequest request) {
    Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
    Problem problem =
        switch (status instanceof Integer code ? code : 404) {
          case 404 -> Problem.NOT_FOUND;
          case 405 -> Problem.METHOD_NOT_ALLOWED;
          case 413 -> Problem.PAYLOAD_TOO_LARGE;
          case 415 -> Problem.UNSUPPORTED_MEDIA_TYPE;
          case 500, 501, 502, 504 -> Problem.INTERNAL;
          case 503 -> Problem.UNAVAILABLE;
          default -> Problem.MALFORMED_REQUEST;
        };
    return ProblemAdvice.answer(problem, problem.title() + ".", List.of(), null, request);
  }
}
