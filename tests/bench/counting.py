"""How many SQL statements a request costs, told in a header to whoever asks with one."""

from django.db import connection

ASKED, TOLD = "X-Count-Statements", "X-Statements"
#: SQLite is told to begin a transaction in so many words, PostgreSQL's driver does it by itself.
UNCOUNTED = ("BEGIN", "COMMIT", "ROLLBACK")


def count_statements(get_response):
    """The outermost middleware: session, person and messages are counted like the page itself."""

    def middleware(request):
        if ASKED not in request.headers:
            return get_response(request)
        seen = []

        def count(execute, sql, params, many, context):
            if not sql.startswith(UNCOUNTED):
                seen.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(count):
            response = get_response(request)
        response[TOLD] = str(len(seen))
        return response

    return middleware
