-- Tables without foreign keys, so that references may lead nowhere and children may come before their parents.
CREATE TABLE authors (id int PRIMARY KEY, name text, phone text);
CREATE TABLE posts (id bigint PRIMARY KEY, author_id int, title text, rating real);
CREATE TABLE comments (
    post_id bigint, no int, body text, score numeric, price numeric(12, 2), votes smallint, likes int, reach bigint,
    seen timestamptz, day date, local timestamp, weight double precision, ok boolean,
    PRIMARY KEY (post_id, no)
);
CREATE TABLE tags (id int PRIMARY KEY, name text, price numeric);
CREATE TABLE post_tags (post_id bigint, tag_id int, rank int, PRIMARY KEY (post_id, tag_id));
