-- What the application's role may do in its database; may be repeated. psql variables: database, role.
GRANT CONNECT, CREATE, TEMPORARY ON DATABASE :"database" TO :"role";
GRANT USAGE, CREATE ON SCHEMA public TO :"role";
