/** Well-known harmless values, version 1: a feature on one of them would hit half of all honest customers. */

const harmless: Readonly<Record<string, ReadonlySet<string>>> = {
  domain: new Set([
    // authorities
    ...['www.gov.cn', 'pbc.gov.cn', 'www.pbc.gov.cn', 'nfra.gov.cn', 'www.nfra.gov.cn', 'www.mps.gov.cn'],
    // banks, clearing, insurers
    ...['icbc.com.cn', 'ccb.com', 'boc.cn', 'abchina.com', 'bankcomm.com', 'psbc.com', 'cmbchina.com'],
    ...['unionpay.com', '95516.com', 'pingan.com', 'picc.com', 'e-chinalife.com'],
    // platforms and hosts of many
    ...[
      'baidu.com',
      'www.baidu.com',
      'qq.com',
      'weixin.qq.com',
      'mp.weixin.qq.com',
      'weibo.com',
      'douyin.com',
    ],
    ...['taobao.com', 'alipay.com', 'jd.com', 'xiaohongshu.com', 'google.com', 'www.google.com', 'apple.com'],
    ...['microsoft.com', 'github.com', 'weebly.com', 'workers.dev', 'pages.dev', 'blogspot.com'],
  ]),
  // public resolvers
  ip: new Set(['114.114.114.114', '223.5.5.5', '223.6.6.6', '119.29.29.29', '1.1.1.1', '8.8.8.8', '8.8.4.4']),
  'app-package': new Set(['com.tencent.mm', 'com.tencent.mobileqq', 'com.eg.android.AlipayGphone']),
};

/** @param normal the value as normaliseValue returned it. */
export function isHarmless(type: string, normal: string): boolean {
  return harmless[type]?.has(normal) ?? false;
}
