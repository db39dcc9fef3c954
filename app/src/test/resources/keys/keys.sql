CREATE TABLE categories (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE products (
    id int PRIMARY KEY,
    sku text NOT NULL CONSTRAINT products_sku_key UNIQUE,
    name text NOT NULL,
    category_id int NOT NULL
);
CREATE TABLE invoices (
    id int PRIMARY KEY,
    tenant text NOT NULL,
    number numeric(9, 2) NOT NULL,
    draft boolean NOT NULL,
    CONSTRAINT invoices_tenant_number_key UNIQUE (tenant, number)
);
INSERT INTO categories VALUES (1, 'one'), (2, 'two');
INSERT INTO products SELECT i, 'S' || i, 'product ' || i, 1 + i % 2 FROM generate_series(1, 40) i;
INSERT INTO invoices SELECT i, 'tenant ' || i % 3, i, i % 4 = 0 FROM generate_series(1, 60) i;
