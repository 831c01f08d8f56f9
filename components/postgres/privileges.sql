-- What the application's role may do in its database; may run again at any time. psql variables: database, role.
GRANT CONNECT, CREATE, TEMPORARY ON DATABASE :"database" TO :"role";
GRANT USAGE, CREATE ON SCHEMA public TO :"role";
