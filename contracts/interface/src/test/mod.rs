mod p256_point;
